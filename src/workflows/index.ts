/** The bundle entry: what a worker of the preparation task queue runs. */
export { ReleasePrepWorkflow } from './release-prep-workflow';
export { ReleaseLockWorkflow } from './release-lock-workflow';
export { PreparationGateWorkflow } from './preparation-gate-workflow';
export { ReleaseExecutorWorkflow } from './release-executor/release-executor-workflow';
