import { retryDecision, shareOf, type RetryFacts } from '../../../src/steps/prompt/token-budget';

it('shares 60,000 tokens at most, and all of them, among the activities of a run', () => {
  const activities = [
    'predictRisks',
    'selectMetrics',
    'setThresholds',
    'planGrayStrategy',
    'other',
  ];
  const sum = (run: number) => activities.reduce((total, name) => total + shareOf(name, run), 0);
  expect(sum(60_000)).toBe(60_000);
  expect(sum(1_000_000)).toBe(60_000);
  expect(sum(10_000)).toBe(10_000);
});

const facts: RetryFacts = {
  permanent: false,
  retryAfterMs: undefined,
  triedAgain: false,
  attempt: 1,
  elapsedMs: 1_000,
  remainingMs: 240_000,
};

it.each([
  ['asks again at once for a passing fault', {}, { kind: 'now', delayMs: 500 }],
  ['takes a short pause here', { retryAfterMs: 3_000 }, { kind: 'now', delayMs: 3_000 }],
  ['gives up on a second fault', { triedAgain: true }, { kind: 'never' }],
  [
    'lets Temporal wait where the server named it',
    { retryAfterMs: 20_000 },
    { kind: 'later', delayMs: 20_000 },
  ],
  [
    'lets Temporal take a short pause that was taken here once',
    { retryAfterMs: 900, triedAgain: true },
    { kind: 'later', delayMs: 900 },
  ],
  ['gives up on a permanent fault', { permanent: true, retryAfterMs: 1 }, { kind: 'never' }],
  ['gives up on an hour', { retryAfterMs: 3_600_000 }, { kind: 'never' }],
  [
    'gives up when the step has no time for the wait',
    { retryAfterMs: 30_000, remainingMs: 80_000 },
    { kind: 'never' },
  ],
  ['gives up in the third attempt', { retryAfterMs: 20_000, attempt: 3 }, { kind: 'never' }],
  [
    'gives up when much would be read again',
    { retryAfterMs: 20_000, elapsedMs: 60_000 },
    { kind: 'never' },
  ],
  [
    'gives up on a wait outside Temporal',
    { retryAfterMs: 20_000, remainingMs: undefined },
    { kind: 'never' },
  ],
])('%s', (_name, change, expected) => {
  expect(retryDecision({ ...facts, ...change })).toEqual(expected);
});
