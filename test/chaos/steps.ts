import type { Activities } from '../../src/activities';

/** `currentRun` is local to the workflow's own task and no step. */
export type Step = Exclude<keyof Activities, 'currentRun'>;
export type StoreKind = 'file' | 'elasticsearch';
/** The issue store is Elasticsearch too, or a folder. */
export type Upstream =
  'release-system' | 'elasticsearch' | 'issue-store' | 'prometheus' | 'model' | 'temporal';

/**
 * The steps of a preparation in the order of the flow chart, and what each talks to: a fault of anything else does not
 * touch the step itself, and the matrix says so. Every step also stands on the worker and on Temporal, which keeps it.
 */
export const STEPS: Record<Step, { short: string; uses: Upstream[]; late?: true }> = {
  verifyVersion: { short: 'verify', uses: ['release-system'] },
  claimRelease: { short: 'claim', uses: ['temporal'] },
  traceServiceChain: { short: 'chain', uses: ['elasticsearch'] },
  checkNeighbours: { short: 'neighb', uses: ['temporal'] },
  predictRisks: { short: 'risks', uses: ['model', 'prometheus', 'issue-store'] },
  shortlistMetrics: { short: 'shortl', uses: ['prometheus'] },
  selectMetrics: { short: 'select', uses: ['model'] },
  setThresholds: { short: 'levels', uses: ['prometheus', 'model', 'release-system'], late: true },
  planGrayStrategy: { short: 'plan', uses: ['release-system', 'model'] },
  recordIssue: { short: 'record', uses: ['issue-store'], late: true },
  confirmRelease: {
    short: 'confirm',
    uses: ['release-system', 'issue-store', 'temporal'],
    late: true,
  },
  deliverIssue: { short: 'deliver', uses: ['issue-store', 'temporal'], late: true },
};
export const STEP_NAMES = Object.keys(STEPS) as Step[];

/** The service whose preparation meets a fault in this step; all have hosts, metrics and a chain. */
export const serviceFor = (step: Step): string => `${STEPS[step].short}-service`;

/** Whether a fault of `broken` meets this step in what it uses itself; the other steps meet it all the same. */
export function isTouched(step: Step, broken: Upstream[] | 'all', store: StoreKind): boolean {
  if (broken === 'all') return true;
  const all =
    broken.includes('elasticsearch') && store === 'elasticsearch'
      ? [...broken, 'issue-store']
      : broken;
  return STEPS[step].uses.some((upstream) => all.includes(upstream));
}
