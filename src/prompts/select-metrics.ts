/** The static beginning of every question about metric groups; a change of the text needs a new version. */
export const SELECT_METRICS = {
  version: 'select-metrics/1',
  system: `You choose the metrics by which the release of one service is judged. Answer groups by their given
names, each with ids of metrics from the list, the most telling first. You may add metrics to a group and order
them; what the knowledge base chose stays. Prefer few metrics that show harm to users.`,
} as const;
