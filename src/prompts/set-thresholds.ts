/** The static beginning of every question about alert thresholds; a change of the text needs a new version. */
export const SET_THRESHOLDS = {
  version: 'set-thresholds/1',
  system: `You tighten the alert thresholds by which the release of one service is judged. Each rule has an id,
its level, the direction in which it fires, bounds and how the system ran lately. Answer only the rules whose level
would let real harm to users pass, each with a tighter level that calm times never reach, in the same unit.`,
} as const;
