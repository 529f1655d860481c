/** The executors whose form an issue can take. */
export const TARGETS = [
  'prometheus',
  'prometheus-operator',
  'argo-rollouts',
  'flagger',
  'openkruise',
] as const;
export type Target = (typeof TARGETS)[number];
