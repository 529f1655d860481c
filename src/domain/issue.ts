import { z } from 'zod';
import { ReleaseConstraint } from './constraint';
import { MetricAnalysis } from './metrics';
import type { ReleaseOutcome } from './release-history';
import { Conflict, Override } from './release-claim';
import { ReleasePlan } from './release-plan';
import { RiskPrediction } from './risk';
import { Timestamp, Warning } from './step-result';
import { Verdict } from './issue-verdict';
import { VersionCheck } from './version-check';

export const SCHEMA_VERSION = '1.0';

/** The release issue: the user's document (candidate, created_at, service, steps, title) and additions around it. */
export const Issue = z.strictObject({
  candidate: z.string(),
  created_at: Timestamp,
  service: z.string(),
  steps: z.tuple([VersionCheck, MetricAnalysis, ReleasePlan, RiskPrediction]),
  title: z.string(),
  issue_id: z.string(),
  revision: z.int().positive(),
  schema_version: z.literal(SCHEMA_VERSION),
  expires_at: Timestamp,
  /** `sha256:` over the canonical JSON (RFC 8785) of the issue without `digest`. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  workflow: z.strictObject({ id: z.string(), run_id: z.string() }),
  warnings: z.array(Warning),
  /** Absent in issues that were recorded before it existed. */
  verdict: Verdict.optional(),
  ...ReleaseConstraint,
  /** Who continued despite which conflicts, if the request asked for it. */
  override: Override.extend({ conflicts: z.array(Conflict) }).optional(),
});
export type Issue = z.infer<typeof Issue>;

/** An issue before the store gave it its revision, and with it its id and digest. */
export type IssueDraft = Omit<Issue, 'issue_id' | 'revision' | 'digest'>;

/** One line of `release-prep list`. */
export type IssueSummary = Pick<
  Issue,
  'issue_id' | 'service' | 'candidate' | 'revision' | 'created_at' | 'expires_at' | 'title'
> & {
  warnings: number;
  /** How the release went, once its executor has reported it. */
  outcome?: ReleaseOutcome;
};
