import fc from 'fast-check';
import {
  acceptObservations,
  acceptOrder,
  offeredHosts,
} from '../../../src/steps/release-plan/plan-proposal';
import { planBatches, totalSeconds } from '../../../src/steps/release-plan/plan-batches';
import { fleets, hostOf, policy } from '../../fixtures/fleets';
import { parseSeconds } from '../../../src/steps/text/parse-seconds';

const hosts = Array.from({ length: 7 }, (_, i) => hostOf(i));
const plan = planBatches({ service: 's', targets: hosts, fleet: hosts }, policy());
const wish = (batch_id: number, observation_seconds: number, reason = '') => ({
  batch_id,
  observation_seconds,
  reason,
});

it('lets a proposal lengthen an observation up to the cap, and nothing else', () => {
  const wishes = [wish(1, 1), wish(2, 1e9, 'peak\u202e\nhour'), wish(9, 900), wish(3, NaN)];
  const accepted = acceptObservations(plan, { batches: wishes }, '7200s');
  expect(accepted.batches.map((batch) => batch.observation_time)).toEqual([
    '600s',
    '7200s',
    '3600s',
  ]);
  expect(accepted.total_time).toBe('11400s');
  expect(accepted.batches[1]?.reason).toMatch(
    /observed for 2 h at the request of the model: peak hour$/,
  );
});

it('keeps only hosts that were offered, each once', () => {
  const order = acceptOrder({ order: ['h3', 'h99', 'h3', 'node-1', 'h0'] }, offeredHosts(hosts));
  expect([...order.keys()]).toEqual(['node-3', 'node-0']);
});

it('stays legal whatever a model asks for', () => {
  const id = fc.oneof(
    fc.nat({ max: 250 }).map((n) => `h${n}`),
    fc.string(),
  );
  const wishes = fc.array(
    fc.record({ batch_id: fc.integer(), observation_seconds: fc.double(), reason: fc.string() }),
  );
  fc.assert(
    fc.property(fleets(60), fc.array(id), wishes, (fleet, asked, batches) => {
      const facts = { service: 's', targets: fleet, fleet };
      const before = planBatches(facts, policy());
      const order = acceptOrder({ order: asked }, offeredHosts(fleet));
      const after = acceptObservations(
        planBatches({ ...facts, order }, policy()),
        { batches },
        '14400s',
      );
      const sizes = ({ batches: list }: typeof before) => list.map((batch) => batch.hosts.length);
      const ids = ({ batches: list }: typeof before) =>
        list.flatMap((batch) => batch.hosts.map((host) => host.host_id)).sort();
      expect(sizes(after)).toEqual(sizes(before));
      expect(ids(after)).toEqual(ids(before));
      expect(after.batches[0]?.hosts[0]).toEqual(before.batches[0]?.hosts[0]);
      expect(after.total_time).toBe(`${totalSeconds(after.batches)}s`);
      after.batches.forEach((batch, i) => {
        const least = parseSeconds(before.batches[i]?.observation_time ?? '');
        expect(parseSeconds(batch.observation_time)).toBeGreaterThanOrEqual(least);
        expect(parseSeconds(batch.observation_time)).toBeLessThanOrEqual(14_400);
      });
    }),
    { numRuns: 300 },
  );
});
