import fc from 'fast-check';
import { createRateWindow } from '../../../src/adapters/limits/rate-window';

const MINUTE = 60_000;

it('never lets more than the rate through in any minute, whenever requests come and whatever they cost', () => {
  const request = fc.record({ pause: fc.nat(20_000), cost: fc.nat(1_000), real: fc.nat(1_000) });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
      let now = 0;
      const rate = createRateWindow({ requests: 5, tokens: 2_000 }, () => now);
      const sent: { at: number; cost: number }[] = [];
      for (const { pause, cost, real } of requests) {
        now += pause;
        for (let wait = rate.waitFor(cost); wait > 0; wait = rate.waitFor(cost)) now += wait;
        const spent = Math.min(cost, real);
        rate.book(cost)(spent);
        sent.push({ at: now, cost: spent });
      }
      for (const { at } of sent) {
        const minute = sent.filter((one) => one.at >= at && one.at < at + MINUTE);
        expect(minute.length).toBeLessThanOrEqual(5);
        expect(minute.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(2_000);
      }
    }),
  );
});

it('says how long to wait until the oldest requests leave the minute', () => {
  let now = 0;
  const rate = createRateWindow({ requests: 2 }, () => now);
  rate.book(1);
  now = 10_000;
  rate.book(1);
  expect(rate.waitFor(1)).toBe(50_000);
  now = 60_000;
  expect(rate.waitFor(1)).toBe(0);
});

it('frees what a request was booked for and did not cost', () => {
  const rate = createRateWindow({ tokens: 1_000 }, () => 0);
  const settle = rate.book(900);
  expect(rate.waitFor(500)).toBe(MINUTE);
  settle(100);
  expect(rate.waitFor(500)).toBe(0);
});

it('lets a request that costs more than a minute holds go alone, and no other beside it', () => {
  let now = 0;
  const rate = createRateWindow({ tokens: 1_000 }, () => now);
  expect(rate.waitFor(5_000)).toBe(0);
  rate.book(5_000);
  expect(rate.waitFor(1)).toBe(MINUTE);
  now = MINUTE;
  expect(rate.waitFor(5_000)).toBe(0);
});
