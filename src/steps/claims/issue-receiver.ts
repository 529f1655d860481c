import { executorIdOf, WORKFLOW } from '../../domain/names';

/** Who gets the issue. `started`: the workflow is started on its task queue where it does not run yet. */
export type Receiver =
  | { kind: 'nobody' }
  | { kind: 'running'; workflowId: string }
  | { kind: 'started'; workflowId: string; workflowType: string; taskQueue: string };

/** The delivery fields of a request. */
export type Asked = {
  service: string;
  version: string;
  executor?: { workflow_id: string };
  delivery?: 'execute' | 'none';
};

/** The receiver from the request, otherwise the configured one. An empty type means no receiver. */
export function receiverOf(
  { service, version, executor, delivery }: Asked,
  configured: { workflowType: string; taskQueue: string },
): Receiver {
  if (delivery === 'none') return { kind: 'nobody' };
  if (executor !== undefined) return { kind: 'running', workflowId: executor.workflow_id };
  const { taskQueue } = configured;
  const workflowType = delivery === 'execute' ? WORKFLOW.releaseExecutor : configured.workflowType;
  if (workflowType === '') return { kind: 'nobody' };
  return { kind: 'started', workflowId: executorIdOf(service, version), workflowType, taskQueue };
}
