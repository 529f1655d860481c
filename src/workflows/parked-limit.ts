/**
 * A parked run holds the claim on its service, and its plan grows old: hosts and levels of a week ago are no ground
 * for a release. Long enough for a weekend and the week after it.
 */
export const PARKED_LIMIT_MS = 7 * 24 * 60 * 60 * 1000;
export const PARKED_LIMIT = '7 days';
