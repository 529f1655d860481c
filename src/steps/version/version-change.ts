import { compare, diff, parse, type SemVer } from 'semver';
import type { VersionChange } from '../../domain/knowledge/risk-document';

/**
 * How the candidate differs from the current version (SemVer 2.0.0): its distance, and `prerelease` as well when the
 * candidate is one. Dates, hashes, build numbers and an absent current version have no distance: `unknown`.
 */
export function changesOf(current: string, candidate: string): VersionChange[] {
  const from = semverOf(current);
  const to = semverOf(candidate);
  const prerelease: VersionChange[] = to !== null && to.prerelease.length > 0 ? ['prerelease'] : [];
  if (from === null || to === null) return ['unknown', ...prerelease];
  return [distanceOf(from, to), ...prerelease];
}

function distanceOf(from: SemVer, to: SemVer): VersionChange {
  const order = compare(to, from);
  if (order === 0) return 'same';
  if (order < 0) return 'downgrade';
  switch (diff(from, to)) {
    case 'major':
    case 'premajor':
      return 'major';
    case 'minor':
    case 'preminor':
      return 'minor';
    case 'patch':
    case 'prepatch':
    case 'prerelease':
    case 'release':
    case null:
      return 'patch';
  }
}

/** A tag as `v1.2.3`, `1.2`, `checkout-1.2.3-rc.1` or `release_1.2.3+build`: the version at its end. */
const TAG =
  /^(?:[a-z][a-z-]*[-_@])?v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?((?:-[\w.-]+)?(?:\+[\w.-]+)?)$/i;
/** Years: `2025.11.24` is a date, and says nothing of what changed. */
const YEAR = /^(?:19|20)\d\d$/;

function semverOf(version: string): SemVer | null {
  const match = TAG.exec(version.trim());
  if (match === null || YEAR.test(match[1] ?? '')) return null;
  const [, major, minor, patch = '0', suffix = ''] = match;
  return parse([major, minor, patch].map(Number).join('.') + suffix);
}
