import type { Client } from '@elastic/elasticsearch';
import type { Traced } from '../../domain/topology/reading';
import type { LogFields } from './schemas/logs';
import type { SchemaId } from './schemas/topology-schema';

export type TopologyQuery = {
  service: string;
  now: Date;
  signal?: AbortSignal;
  onPage?: () => void;
};
/** What was read about one service; steps/service-chain joins it. */
export type Topology = { trace(query: TopologyQuery): Promise<Traced> };

export type TopologyOptions = {
  url: string;
  client?: Client;
  schema: 'auto' | SchemaId;
  indexPrefix: string;
  index?: string;
  /** `24h`, or an ISO 8601 interval `FROM/TO`. */
  window: string;
  /** `production`, `shop` (a namespace) or `production/shop`. */
  environment?: string;
  /** The user's own fields of logs. */
  logFields?: LogFields;
};
