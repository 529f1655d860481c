import type { Client } from '@temporalio/client';
import type { IssueStore } from '../../adapters/issue-store/issue-store';
import type { PreparationGate } from '../../adapters/preparation-gate-client';
import type { Model } from '../../adapters/model/model-request';
import type { Prometheus } from '../../adapters/prometheus/prometheus';
import type { ReleaseLock } from '../../adapters/release-lock-client';
import type { HostActions } from '../../adapters/release-system/host-actions';
import type { ReleaseSystem } from '../../adapters/release-system/release-system';
import type { Webhook } from '../../adapters/webhook/webhook';
import type { Topology } from '../../adapters/topology/topology';
import type { Knowledge } from '../../domain/knowledge/knowledge';
import type { ChainCache } from './chain-cache';

/** What activities work with; built once by the worker. */
export type Deps = {
  releaseSystem: ReleaseSystem;
  /** Changes hosts, for releases; each action needs a permit of the guard. */
  hostActions: HostActions;
  /** Absent when no Elasticsearch and no topology file is configured. */
  topology: Topology | undefined;
  chainCache: ChainCache;
  prometheus: Prometheus;
  /** Labels that may hold a service's name, tried in order. */
  prometheusServiceLabels: string[];
  /** Labels that may hold a host, tried in order. */
  prometheusHostLabels: string[];
  /** Absent when no model is configured: the knowledge base alone decides. */
  model: Model | undefined;
  issueStore: IssueStore;
  knowledge: Knowledge;
  client: Client;
  releaseLock: ReleaseLock;
  /** Absent where any number of preparations may run. */
  gate?: PreparationGate;
  /** Absent where people are told by Temporal alone. */
  webhook?: Webhook;
  /** Who gets the signal when the request names no executor; an empty type delivers to nobody. */
  executor: { workflowType: string; taskQueue: string };
};
