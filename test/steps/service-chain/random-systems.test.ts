import { scoreSystem } from '../../fixtures/spans/systems/score-system';

/** `SYSTEMS=5000 npm run test:unit -- test/steps/service-chain/random-systems` takes some minutes. */
const SYSTEMS = Number(process.env['SYSTEMS'] ?? 120);

it('states nothing false of random systems, and finds what is called more than a few times', () => {
  let [stated, expected, missed] = [0, 0, 0];
  for (let seed = 0; seed < SYSTEMS; seed += 1) {
    const score = scoreSystem(seed);
    expect({ seed, wrong: score.wrong, reversed: score.reversed }).toEqual({
      seed,
      wrong: [],
      reversed: [],
    });
    stated += score.stated;
    expected += score.expected;
    missed += score.missed.length;
  }
  expect(stated).toBeGreaterThan(20 * SYSTEMS);
  expect(1 - missed / expected).toBeGreaterThanOrEqual(0.98);
});
