import { z } from 'zod';
import { Seconds } from '../seconds';
import { Likelihood, MitigationAction, Severity } from '../risk';
import { Id, Reference, Text } from './front-matter';

/** The category of the fault, by which people look for risks. */
export const RiskCategory = z.enum(['resource', 'behaviour', 'data', 'dependency', 'delivery']);
export type RiskCategory = z.infer<typeof RiskCategory>;

/**
 * The position of the service in its chain. `entry`: nobody calls it; `leaf`: it calls nobody; `shared_dependency`:
 * several services call it. A chain that could not be read, or shows too little of the service, gives none of them.
 */
export const Position = z.enum([
  'has_upstream',
  'has_downstream',
  'has_async',
  'has_external',
  'entry',
  'leaf',
  'shared_dependency',
]);
export type Position = z.infer<typeof Position>;

/**
 * How the candidate differs from the current version, by SemVer; `same` differs by build metadata alone, `unknown`
 * are dates, hashes and everything else that has no order. `prerelease` is true in addition to one of the others.
 */
export const VersionChange = z.enum([
  'major',
  'minor',
  'patch',
  'prerelease',
  'downgrade',
  'same',
  'unknown',
]);
export type VersionChange = z.infer<typeof VersionChange>;

/** What is known of earlier releases of the service, from its recorded issues. */
export const HistoryFact = z.enum(['first_release', 'failed_before', 'rolled_back_before']);
export type HistoryFact = z.infer<typeof HistoryFact>;

const anyOf = <Item extends z.ZodType>(item: Item) =>
  z.array(item).min(1, 'must name at least one; leave the key out for "any"').optional();

/** All conditions that are given must hold; of a list, one is enough. `{}` always holds. */
export const RiskConditions = z.strictObject({
  kinds: anyOf(Id).describe(
    'the service is of one of these technologies, or of one that extends it',
  ),
  not_kinds: anyOf(Id).describe('and of none of these'),
  depends_on: anyOf(Id).describe('it calls or uses something of one of these technologies'),
  position: anyOf(Position),
  change: anyOf(VersionChange),
  min_hosts: z.int().positive().optional().describe('at least so many target hosts'),
  max_hosts: z.int().positive().optional().describe('at most so many target hosts'),
  mixed_versions: z.boolean().optional().describe('the hosts run more than one version already'),
  history: anyOf(HistoryFact),
});
export type RiskConditions = z.infer<typeof RiskConditions>;

/** Raises the severity or the likelihood to this, never lowers it, where the conditions hold. */
export const RiskRaise = z.strictObject({
  when: RiskConditions,
  severity: Severity.optional(),
  likelihood: Likelihood.optional(),
});
export type RiskRaise = z.infer<typeof RiskRaise>;

/** knowledge/risks/*.md: one fault and the plan for it. */
export const RiskDocument = z.strictObject({
  id: Id.describe('also the name of the file'),
  type: Id.describe('the `type` of the risk in the issue, e.g. memory_leak'),
  title: Text.max(120),
  category: RiskCategory,
  severity: Severity,
  likelihood: Likelihood,
  applies: RiskConditions,
  also_applies: z
    .array(RiskConditions)
    .default([])
    .describe('further cases: the risk applies where the conditions of any one of them all hold'),
  raises: z.array(RiskRaise).default([]),
  /** Stays in the issue whatever the model says and however many risks there are. */
  mandatory: z.boolean().default(false),
  watch: z.array(Text).min(1).describe('names of the metric groups that show it'),
  mitigation: z.strictObject({
    action: MitigationAction,
    steps: z.array(Text.max(300)).min(1).max(10),
    not_when: z.array(Text.max(300)).max(10).default([]),
    repair_observation: Seconds,
  }),
  words: z.array(Text).default([]).describe('search words beyond the title and the prose'),
  references: z.array(Reference).min(1),
});
export type RiskDocument = z.infer<typeof RiskDocument>;
