import { parseArgs } from 'node:util';
import { scoreSystem } from '../fixtures/spans/systems/score-system';
import { showTargets } from './targets';

/**
 * Chains of random systems, against what truly happened in them: `npm run bench:chains -- [--systems 5000] [--from SEED]`
 */
const { values } = parseArgs({
  options: {
    systems: { type: 'string', default: '5000' },
    from: { type: 'string', default: '0' },
  },
});

const from = Number(values.from);
const sums = { stated: 0, wrong: 0, reversed: 0, expected: 0, missed: 0 };
for (let seed = from; seed < from + Number(values.systems); seed += 1) {
  const { stated, wrong, reversed, expected, missed } = scoreSystem(seed);
  sums.stated += stated;
  sums.wrong += wrong.length;
  sums.reversed += reversed.length;
  sums.expected += expected;
  sums.missed += missed.length;
  for (const each of wrong) process.stdout.write(`seed ${seed}: false ${each}\n`);
}
console.table([sums]);
showTargets([
  { what: 'false members and edges', measured: sums.wrong, count: 0 },
  { what: 'reversed members and edges', measured: sums.reversed, count: 0 },
  {
    what: 'recall above the floor',
    measured: 1 - sums.missed / sums.expected,
    atLeast: 0.98,
  },
]);
