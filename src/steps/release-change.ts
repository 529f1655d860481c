export type Change = 'major' | 'minor' | 'patch' | 'downgrade' | 'unknown';

/** How far the candidate is from the current version, by the first three numbers of both (SemVer's precedence). */
export function changeOf(current: string, candidate: string): Change {
  const from = numbersOf(current);
  const to = numbersOf(candidate);
  if (from === null || to === null) return 'unknown';
  const at = to.findIndex((part, i) => part !== from[i]);
  if (at === -1) return 'unknown';
  if ((to[at] ?? 0) < (from[at] ?? 0)) return 'downgrade';
  return (['major', 'minor', 'patch'] as const)[at] ?? 'unknown';
}

function numbersOf(version: string): number[] | null {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/i.exec(version);
  return match === null ? null : [match[1], match[2], match[3] ?? '0'].map(Number);
}
