import { getEventListeners } from 'node:events';
import { createFairLimit, type FairLimit } from '../../../src/adapters/limits/fair-limit';
import { createRateWindow } from '../../../src/adapters/limits/rate-window';
import { UpstreamError } from '../../../src/adapters/upstream/upstream-error';
import { sleep } from '../../fixtures/wait';

/** A limit under which each request belongs to the run that is named when it is made. */
function limitOf(atOnce: number, options: { maxWaitMs?: number } = {}) {
  let run = '';
  const limit = createFairLimit({ upstream: 'prometheus', atOnce, keyOf: () => run, ...options });
  const as = <Result>(name: string, ...args: Parameters<FairLimit>): Promise<Result> => {
    run = name;
    return limit(...args) as Promise<Result>;
  };
  return as;
}

/** Requests that end when they are told to; `begun` has their names in order. */
function heldRequests() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  return {
    begun,
    request: (name: string) => () =>
      new Promise<void>((resolve) => {
        begun.push(name);
        ends.push(resolve);
      }),
    endOne: async () => {
      ends.shift()?.();
      await sleep(0);
    },
  };
}

it('never has more requests in flight than it may, whoever asks', async () => {
  const as = limitOf(3);
  let now = 0;
  let most = 0;
  const request = async () => {
    most = Math.max(most, (now += 1));
    await sleep(1);
    now -= 1;
  };
  await Promise.all(Array.from({ length: 60 }, (_, n) => as(`run-${n % 7}`, request)));
  expect(most).toBe(3);
  expect(now).toBe(0);
});

it('lets runs take turns: one with many requests delays another by one request of each', async () => {
  const as = limitOf(1);
  const { begun, request, endOne } = heldRequests();
  const all = [
    ...['a1', 'a2', 'a3', 'a4', 'a5'].map((name) => as('greedy', request(name))),
    as('second', request('b1')),
    as('second', request('b2')),
    as('third', request('c1')),
  ];
  await sleep(0);
  for (let n = 0; n < 8; n += 1) await endOne();
  await Promise.all(all);
  expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4', 'a5']);
});

it('goes on after a request that failed', async () => {
  const as = limitOf(1);
  const failed = as('a', () => Promise.reject(new Error('no')));
  const next = as('b', () => Promise.resolve('yes'));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

it('takes a cancelled request out of the queue, with the signal’s own reason', async () => {
  const as = limitOf(1);
  const { begun, request, endOne } = heldRequests();
  const stop = new AbortController();
  const first = as('a', request('a1'));
  const cancelled = as('b', request('b1'), { signal: stop.signal });
  const third = as('c', request('c1'));
  const reason = new Error('the run was cancelled');
  stop.abort(reason);
  await expect(cancelled).rejects.toBe(reason);
  await endOne();
  await endOne();
  await Promise.all([first, third]);
  expect(begun).toEqual(['a1', 'c1']);
  await expect(as('b', request('b2'), { signal: stop.signal })).rejects.toBe(reason);
});

it('starts the next request when the one that blocks the rate leaves', async () => {
  const rate = createRateWindow({ tokens: 100 });
  const limit = createFairLimit({ upstream: 'model', atOnce: 10, rate });
  const stop = new AbortController();
  await limit((settle) => Promise.resolve(settle(60)), { cost: 60 });
  const tooMuch = limit(() => Promise.resolve('costly'), { cost: 80, signal: stop.signal });
  const fits = limit(() => Promise.resolve('cheap'), { cost: 40 });
  stop.abort(new Error('cancelled'));
  await expect(tooMuch).rejects.toThrow('cancelled');
  expect(await fits).toBe('cheap');
});

it('starts a request that waits for the rate when a minute has passed', async () => {
  jest.useFakeTimers();
  try {
    const rate = createRateWindow({ requests: 1 });
    const limit = createFairLimit({ upstream: 'model', atOnce: 10, rate });
    const begun: string[] = [];
    const request = (name: string) => limit(() => Promise.resolve(begun.push(name)));
    const all = [request('first'), request('second'), request('third')];
    await jest.advanceTimersByTimeAsync(59_000);
    expect(begun).toEqual(['first']);
    await jest.advanceTimersByTimeAsync(1_001);
    expect(begun).toEqual(['first', 'second']);
    await jest.advanceTimersByTimeAsync(60_000);
    await Promise.all(all);
    expect(begun).toEqual(['first', 'second', 'third']);
  } finally {
    jest.useRealTimers();
  }
});

it('leaves no listener on a signal and no timer, however a request ends', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const stop = new AbortController();
  const { signal } = stop;
  const as = limitOf(1, { maxWaitMs: 60_000 });
  const { request, endOne } = heldRequests();
  const started = as('a', request('a1'), { signal });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  const cancelled = as('b', request('b1'), { signal });
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  stop.abort(new Error('cancelled'));
  await expect(cancelled).rejects.toThrow('cancelled');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  await endOne();
  await started;
  expect(timers()).toBeLessThanOrEqual(before);
});

it('refuses who would wait too long, as a fault that may be retried', async () => {
  const as = limitOf(1, { maxWaitMs: 20 });
  const { request, endOne } = heldRequests();
  const first = as('a', request('a1'));
  const late: unknown = await as('b', request('b1')).catch((error: unknown) => error);
  expect(late).toBeInstanceOf(UpstreamError);
  expect(late).toMatchObject({ permanent: false, retryAfterMs: 1_000 });
  await endOne();
  await first;
});

it('keeps the rate, and tells after which time it is worth while to ask again', async () => {
  const rate = createRateWindow({ requests: 2 });
  const limit = createFairLimit({ upstream: 'model', atOnce: 10, rate, maxWaitMs: 30 });
  const answers = await Promise.allSettled(
    Array.from({ length: 5 }, () => limit(() => Promise.resolve('asked'))),
  );
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  for (const answer of answers) {
    if (answer.status === 'fulfilled') continue;
    const { retryAfterMs, fault } = answer.reason as UpstreamError;
    expect(fault).toBe('budget');
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  }
});
