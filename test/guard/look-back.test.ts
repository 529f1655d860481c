import { lookBackOf } from '../../src/guard/look-back';

it.each([
  ['up', 0],
  ['sum(rate(x[5m]))', 300_000],
  ['rate(x[1m]) / rate(y[1h30m])', 5_400_000],
  ['max_over_time(rate(x[5m])[30m:1m])', 1_800_000],
  ['rate(x[5m] offset 1h)', 3_900_000],
  ['rate(x{path="/a[9h]"}[2m])', 120_000],
  ["rate(x{path='\\'[9h]'}[2m])", 120_000],
  ['x{a="unclosed[9h]', 0],
])('%s looks back %d ms', (expr, ms) => expect(lookBackOf(expr)).toBe(ms));

it('reads a long expression in linear time', () => {
  const began = process.cpuUsage().user;
  expect(lookBackOf('['.repeat(200_000))).toBe(0);
  expect(lookBackOf('offset '.repeat(100_000))).toBe(0);
  expect((process.cpuUsage().user - began) / 1000).toBeLessThan(2_000);
});
