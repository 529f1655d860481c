/**
 * A parked run holds the claim on its service, and its plan gets outdated: a release must not rely on old hosts and
 * levels. Long enough for a weekend and the week after it.
 */
export const PARKED_LIMIT_MS = 7 * 24 * 60 * 60 * 1000;
export const PARKED_LIMIT = '7 days';
