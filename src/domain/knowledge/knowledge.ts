import type { RiskDocument } from './risk-document';
import type { RolloutDocument } from './rollout-document';
import type { ServiceDocument } from './service-document';
import type { TechnologyDocument } from './technology-document';

/** A document with its prose and the file it came from; `path` is relative to the knowledge folder. */
export type Documented<Matter> = Matter & { path: string; prose: string };

export type Knowledge = {
  risks: Documented<RiskDocument>[];
  technologies: Documented<TechnologyDocument>[];
  rollout: Documented<RolloutDocument>[];
  services: Documented<ServiceDocument>[];
};
