import { attack } from '../fixtures/hostile/attack';
import { TARGETS, type Attacked } from '../fixtures/hostile/targets';

jest.setTimeout(600_000);

/** Answers to each reader; the whole attack is `npm run fuzz:answers` (2,000). */
const ANSWERS = Number(process.env['HOSTILE_ANSWERS'] ?? 8);
/**
 * Of one computation between two turns of the event loop: a second of an idle core (`npm run fuzz:answers` asks for it),
 * which takes up to twice as long where another test runs on the same core.
 */
const MAX_CPU_MS = 2_000;

let attacked: Attacked[];
let ended: string;
beforeAll(async () => {
  ({ attacked, ended } = await attack(TARGETS, { answers: ANSWERS }));
}, 600_000);

it('survives hostile answers in a heap of 512 MB', () => {
  expect(ended).toBe('exited');
});

it.each(TARGETS)('%s reads or refuses each, and never computes for a second', (target) => {
  const found = attacked.find((one) => one.target === target);
  expect(found).toMatchObject({ answers: ANSWERS, faults: [] });
  expect(found?.longest.ms).toBeLessThan(MAX_CPU_MS);
});
