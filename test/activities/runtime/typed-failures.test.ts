import { ApplicationFailure } from '@temporalio/common';
import { withTypedFailures } from '../../../src/activities/runtime/typed-failures';
import { UpstreamError } from '../../../src/adapters/upstream/upstream-error';

const failureOf = (error: Error): Promise<ApplicationFailure> =>
  withTypedFailures(() => Promise.reject<ApplicationFailure>(error)).catch(
    (failure: ApplicationFailure) => failure,
  );

it('makes a permanent answer non-retryable and a passing one retryable', async () => {
  expect(await failureOf(new UpstreamError('prometheus', 'no', { status: 403 }))).toMatchObject({
    type: 'PrometheusUnavailable',
    nonRetryable: true,
  });
  expect(await failureOf(new UpstreamError('issue-store', 'no', { status: 503 }))).toMatchObject({
    type: 'IssueStoreUnavailable',
    nonRetryable: false,
  });
});

it('waits as long as the system asks, but a minute at the most', async () => {
  const short = await failureOf(new UpstreamError('model', 'busy', { retryAfterMs: 5000 }));
  const long = await failureOf(new UpstreamError('model', 'busy', { retryAfterMs: 86_400_000 }));
  expect([short.nextRetryDelay, long.nextRetryDelay]).toEqual([5000, 60_000]);
});

it('leaves a failure that is typed already as it is', async () => {
  const failure = ApplicationFailure.nonRetryable('no', 'InvalidInput');
  expect(await failureOf(failure)).toBe(failure);
});

it('calls everything else an internal error', async () => {
  expect(await failureOf(new TypeError('x is undefined'))).toMatchObject({
    type: 'InternalError',
    message: 'TypeError: x is undefined',
  });
});
