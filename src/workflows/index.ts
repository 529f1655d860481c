/** The bundle entry: what a worker of the preparation task queue runs. */
export { ReleasePrepWorkflow } from './release-prep';
export { ReleaseLockWorkflow } from './release-lock';
export { PreparationGateWorkflow } from './preparation-gate';
