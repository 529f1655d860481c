export type Sample = { at: number; value: number };
/** One series on a regular grid; `at` in Unix seconds; points may be missing. */
export type History = { samples: readonly Sample[]; stepSeconds: number };
export type Op = '>' | '<';
/** Unix seconds, both ends included. */
export type Period = { from: number; to: number };
export type TriedRule = { op: Op; threshold: number; forSeconds: number };

export type Backtest = { windows: number; fired: number };

export const isBeyond = (value: number, op: Op, threshold: number): boolean =>
  op === '>' ? value > threshold : value < threshold;

/** Points further apart than this belong to no one condition that held. */
export const isGap = (seconds: number, stepSeconds: number): boolean => seconds > stepSeconds * 1.5;

/**
 * Cuts history into windows as long as `for` and counts those with data, and those in which the rule would
 * have fired. As in Prometheus, it fires once the condition held without a break for that long.
 */
export function backtest(history: History, rule: TriedRule): Backtest {
  const { samples, stepSeconds } = history;
  const length = Math.max(rule.forSeconds, stepSeconds);
  const start = samples[0]?.at ?? 0;
  const windowOf = (at: number) => Math.floor((at - start) / length);
  const windows = new Set<number>();
  for (const { at, value } of samples) if (!Number.isNaN(value)) windows.add(windowOf(at));
  const fired = new Set<number>();
  for (const { from, to } of firingsOf(history, rule)) {
    for (let window = windowOf(from); window <= windowOf(to); window += 1) fired.add(window);
  }
  return { windows: windows.size, fired: fired.size };
}

/** When the rule would have been firing. */
export function firingsOf({ samples, stepSeconds }: History, rule: TriedRule): Period[] {
  // Between two points of the grid a shorter hold time may have passed: that counts as fired.
  const held = rule.forSeconds < stepSeconds ? 0 : rule.forSeconds;
  const firings: Period[] = [];
  let since: number | undefined;
  let open: Period | undefined;
  let previous = -Infinity;
  for (const { at, value } of samples) {
    const beyond = isBeyond(value, rule.op, rule.threshold);
    if (!beyond || isGap(at - previous, stepSeconds)) [since, open] = [undefined, undefined];
    previous = at;
    if (!beyond) continue;
    since ??= at;
    if (at - since < held) continue;
    if (open) open.to = at;
    else firings.push((open = { from: at, to: at }));
  }
  return firings;
}
