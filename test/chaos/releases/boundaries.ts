import type { Moment } from '../gates';

/** The activities of a release that is repaired once and then rolled back, each with the action that it belongs to. */
const STEPS = [
  'openIssue',
  'readFleet',
  'readFreeze',
  'startAction:deploy',
  'readAction:deploy',
  'readFleet:deploy',
  'sampleRules:deploy',
  'startAction:mitigate',
  'readAction:mitigate',
  'sampleRules:mitigate',
  'startAction:rollback',
  'readAction:rollback',
  'readFleet:rollback',
  'recordOutcome',
  'endClaim',
] as const;

export type Boundary = { step: string; moment: Moment };
export const nameOf = ({ step, moment }: Boundary): string => `${moment} ${step}`;

export const BOUNDARIES: Boundary[] = STEPS.flatMap((step) =>
  (['before', 'after'] as const).map((moment) => ({ step, moment })),
);

/** Where an effect could happen twice or be lost: what `npm test` has time for. */
export const WORST: Boundary[] = [
  { step: 'startAction:deploy', moment: 'after' },
  { step: 'startAction:mitigate', moment: 'after' },
  { step: 'readAction:mitigate', moment: 'before' },
  { step: 'startAction:rollback', moment: 'before' },
  { step: 'startAction:rollback', moment: 'after' },
  { step: 'readAction:rollback', moment: 'after' },
  { step: 'recordOutcome', moment: 'after' },
];
