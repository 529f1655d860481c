import { receiverOf } from '../../../src/steps/claims/issue-receiver';

const release = { service: 'cart', version: 'v2' };
const nobody = { workflowType: '', taskQueue: 'release-executor' };
const ours = { workflowType: 'OurExecutor', taskQueue: 'deploys' };

it('notifies nobody where no executor is configured', () => {
  expect(receiverOf(release, nobody)).toEqual({ kind: 'nobody' });
});

it('starts the configured workflow on its task queue', () => {
  expect(receiverOf(release, ours)).toEqual({
    kind: 'started',
    workflowId: 'release/cart/v2',
    workflowType: 'OurExecutor',
    taskQueue: 'deploys',
  });
});

it('lets the request choose: a running workflow, the reference executor, or nobody', () => {
  expect(receiverOf({ ...release, executor: { workflow_id: 'w' } }, ours)).toEqual({
    kind: 'running',
    workflowId: 'w',
  });
  expect(receiverOf({ ...release, delivery: 'execute' }, nobody)).toMatchObject({
    kind: 'started',
    workflowType: 'ReleaseExecutorWorkflow',
  });
  expect(receiverOf({ ...release, delivery: 'none' }, ours)).toEqual({ kind: 'nobody' });
});
