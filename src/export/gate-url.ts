/** The gate of `release-prep serve` for an issue (docs/exports.md). */
export const gateUrl = (base: string, executor: 'argo' | 'flagger', issueId: string): string =>
  `${base.replace(/\/{1,9}$/, '')}/v1/gates/${executor}/${encodeURIComponent(issueId)}`;
