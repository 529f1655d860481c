export type Sample = { at: number; value: number };
/** One series on a regular grid; `at` in Unix seconds; points may be missing. */
export type History = { samples: readonly Sample[]; stepSeconds: number };
export type Op = '>' | '<';

export type Backtest = { windows: number; fired: number };

export const isBeyond = (value: number, op: Op, threshold: number): boolean =>
  op === '>' ? value > threshold : value < threshold;

export const secondsOf = (duration: string): number => Number.parseInt(duration, 10);

/**
 * Cuts history into windows as long as `for` and counts those with data, and those in which the rule would
 * have fired. As in Prometheus, it fires once the condition held without a break for that long.
 */
export function backtest(
  { samples, stepSeconds }: History,
  rule: { op: Op; threshold: number; forSeconds: number },
): Backtest {
  const length = Math.max(rule.forSeconds, stepSeconds);
  const windows = new Set<number>();
  const fired = new Set<number>();
  // Between two points of the grid a shorter hold time may have passed: that counts as fired.
  const held = rule.forSeconds < stepSeconds ? 0 : rule.forSeconds;
  let since: number | undefined;
  let previous = -Infinity;
  for (const { at, value } of samples) {
    if (at - previous > stepSeconds * 1.5) since = undefined;
    previous = at;
    const window = Math.floor((at - (samples[0]?.at ?? at)) / length);
    if (!Number.isNaN(value)) windows.add(window);
    if (!isBeyond(value, rule.op, rule.threshold)) since = undefined;
    else since ??= at;
    if (since !== undefined && at - since >= held) fired.add(window);
  }
  return { windows: windows.size, fired: fired.size };
}
