import type { FaultKind } from '../../sandbox/faults';
import { TARGETS } from '../export/targets';

/** What an argument or an option may be; apart from the commands, since help needs the words alone. */
export const TRIALS = ['verify', 'chain', 'risks', 'metrics', 'plan'] as const;
export type Trial = (typeof TRIALS)[number];

/** Where the demo's metrics are. */
export const PROMETHEUS_CHOICES = ['auto', 'real', 'stand-in'] as const;
export type PrometheusChoice = (typeof PROMETHEUS_CHOICES)[number];

/** What may be wrong with the version that the demo releases. */
export const FAULTS: readonly FaultKind[] = [
  ...(['latency', 'errors', 'memory', 'cpu', 'connections', 'crash'] as const),
];

/** A comment for a pull request is no executor's form. */
export const PULL_REQUEST = 'pull-request';
export const EXPORT_TARGETS: readonly string[] = [...TARGETS, PULL_REQUEST];

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];
