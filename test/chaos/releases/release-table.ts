import type { ReleaseRow } from './release-row';

/** A row in a line: how many releases met the fault at their boundary, and how they ended. */
export function releaseLine({ fault, strikes, cells, seconds }: ReleaseRow): string {
  const results = [...new Set(cells.map(({ result }) => result))].map(
    (result) => `${result} ${cells.filter((cell) => cell.result === result).length}`,
  );
  const helped = cells.filter(({ steered }) => steered.length > 0);
  const other = [...new Set(cells.flatMap(({ otherWay }) => otherWay ?? []))];
  return [
    `${fault}: ${strikes} strikes, ${cells.filter(({ struck }) => struck).length} of ${cells.length} boundaries`,
    results.join(', '),
    `a person had ${helped.length} go on${helped.length === 0 ? '' : ` (${[...new Set(helped.flatMap(({ steered }) => steered))].join(' | ')})`}`,
    `${seconds.toFixed(0)} s`,
    ...(other.length === 0 ? [] : [`another way: ${other.join(' | ')}`]),
  ].join('; ');
}

/** Everything that is not as it must be, a line each. */
export const releaseTroubles = ({ fault, cells, faults }: ReleaseRow): string[] => [
  ...faults.map((what) => `${fault}: ${what}`),
  ...cells.flatMap(({ boundary, struck, otherWay, faults: own }) => [
    // A release that took another way may not come there.
    ...(struck || otherWay !== undefined ? [] : [`${fault} ${boundary}: never reached`]),
    ...own.map((what) => `${fault} ${boundary}: ${what}`),
  ]),
];
