/** What an issue asks of a benchmark, beside what was measured; a count must hold on any machine, a figure need not. */
export type Target = { what: string; measured: number; unit?: string } & (
  { atMost: number } | { atLeast: number } | { count: number }
);

/**
 * One line a target. What misses a figure is told and no more: a busy machine is no fault. A count that is wrong
 * (lost, duplicated, invented) ends the process with 1.
 */
export function showTargets(targets: readonly Target[]): void {
  for (const target of targets) {
    const isMet = meets(target);
    const { what, measured, unit = '' } = target;
    console.log(
      `target: ${what}: ${rounded(measured)}${unit}, ${boundOf(target)}${unit}: ${isMet ? 'met' : 'missed'}`,
    );
    if (!isMet && 'count' in target) process.exitCode = 1;
  }
}

/** What was not measured meets nothing. */
function meets(target: Target): boolean {
  if ('count' in target) return target.measured === target.count;
  return 'atMost' in target ? target.measured <= target.atMost : target.measured >= target.atLeast;
}

function boundOf(target: Target): string {
  if ('count' in target) return `asked ${target.count}`;
  return 'atMost' in target ? `at most ${target.atMost}` : `at least ${target.atLeast}`;
}

const rounded = (value: number): string =>
  Number.isInteger(value) ? String(value) : value.toPrecision(4);
