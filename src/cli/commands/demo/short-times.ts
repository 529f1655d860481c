import type { Knowledge } from '../../../domain/knowledge/knowledge';

/** So many requests tell in seconds what a usual service tells in minutes. */
export const REQUESTS_A_SECOND = 5_000;
const OBSERVATION = '10s';
/** Six scrapes of the demo's Prometheus. */
const RANGE = '6s';
const HOLD = '2s';
const DEPLOY = '60s';

/** The same knowledge with seconds in place of minutes, so that a release can be watched. */
export const withShortTimes = (knowledge: Knowledge): Knowledge => ({
  ...knowledge,
  rollout: knowledge.rollout.map((policy) => ({
    ...policy,
    ...{ observation: [OBSERVATION], repair_observation: [OBSERVATION] },
    ...{ observation_factor: {}, max_observation: OBSERVATION, deploy_timeout: DEPLOY },
  })),
  technologies: knowledge.technologies.map((technology) => ({
    ...technology,
    groups: technology.groups.map((group) => ({
      ...group,
      levels: group.levels.map((level) => ({ ...level, window: RANGE, for: HOLD })),
    })),
  })),
  risks: knowledge.risks.map((risk) => ({
    ...risk,
    mitigation: { ...risk.mitigation, repair_observation: OBSERVATION },
  })),
});
