/** Where a recorded history is kept: `VERSION/GROUP/PATH.json`. */
import path from 'node:path';

/** Paths are grouped by the first word of their name; a path that ends with an issue needs no word for it. */
const GROUPS = new Set(
  'cancelled degraded executor failed gate lock parked refused release resumed'.split(' '),
);
const COMPLETED = 'completed';

/** The file of a path within the folder of a version, as `failed/failed-plan.json`. */
export function fileOf(pathName: string): string {
  const [word = ''] = pathName.split('-');
  return path.join(GROUPS.has(word) ? word : COMPLETED, `${pathName}.json`);
}

/** Histories of the present flow, until a release gives the folder its version. */
export const UNRELEASED = 'unreleased';
