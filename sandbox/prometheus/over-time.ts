/** SANDBOX: functions over a time range, for series whose value is known at any time. */

type At = (time: number) => number;
type Sample = { labels: Record<string, string>; value: number };
type Evaluation = (at: number) => Sample[];

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
/** So many points stand for the samples of a range, however long it is. */
const POINTS = 60;

const pointsOf = (at: At, time: number, window: number): number[] =>
  Array.from({ length: POINTS + 1 }, (_, i) => at(time - window + (i * window) / POINTS));

/** Name → the function of a series over the `window` seconds that end at `time`. */
export const OVER_TIME: Readonly<Record<string, (at: At, time: number, window: number) => number>> =
  {
    rate: (at, time, window) => (at(time) - at(time - window)) / window,
    increase: (at, time, window) => at(time) - at(time - window),
    max_over_time: (at, time, window) =>
      Math.max(at(time), at(time - window / 2), at(time - window)),
    count_over_time: (_at, _time, window) => window / 15,
    resets: (at, time, window) =>
      pointsOf(at, time, window).filter((value, i, all) => i > 0 && value < (all[i - 1] ?? 0))
        .length,
  };

/** `[5m]`, or `[1h:5m]` of a subquery, in seconds. */
export function rangeOf(text: string): { window: number; step: number } {
  const [, window, step] = /\[(\d+[smhd])(?::(\d+[smhd])?)?\]$/.exec(text) ?? [];
  return { window: secondsOf(window ?? '5m'), step: secondsOf(step ?? '1m') };
}

const secondsOf = (text: string): number =>
  Number.parseInt(text) * (UNIT_SECONDS[text.at(-1) ?? 'm'] ?? 60);

/** The mean of an expression at the points of a subquery, which are multiples of its step as in Prometheus. */
export function averageOver(
  evaluate: Evaluation,
  { window, step }: { window: number; step: number },
  keyOf: (labels: Record<string, string>) => string,
): Evaluation {
  return (time) => {
    const sums = new Map<string, Sample & { count: number }>();
    for (let at = Math.floor(time / step) * step; at > time - window; at -= step) {
      for (const { labels, value } of evaluate(at)) {
        const sum = sums.get(keyOf(labels)) ?? { labels, value: 0, count: 0 };
        sums.set(keyOf(labels), { labels, value: sum.value + value, count: sum.count + 1 });
      }
    }
    return [...sums.values()].map(({ labels, value, count }) => ({ labels, value: value / count }));
  };
}
