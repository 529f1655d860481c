import fc from 'fast-check';
import type { Host } from '../../../src/domain/host';
import { changesSince } from '../../../src/steps/release-plan/plan-changes';
import { planBatches } from '../../../src/steps/release-plan/plan-batches';
import { checkVersion } from '../../../src/steps/version/version-check';
import { fleets, hostOf, policy } from '../../fixtures/fleets';

/** The facts as they stand in an issue that was made when the hosts were `before`. */
function look(before: Host[], after: Host[]): string[] {
  const plan = planBatches({ service: 's', targets: before, fleet: before }, policy());
  const verdict = checkVersion({ service: 's', candidate: 'v2.0.0', hosts: before });
  return changesSince({
    service: 's',
    candidate: 'v2.0.0',
    planned: plan.batches.flatMap(({ hosts }) => hosts),
    excluded: plan.excluded_hosts,
    versions: verdict.details.current_versions,
    hosts: after,
  });
}

const running = (version: string) => [{ name: 's', version, status: 'active' }];
const races: Record<string, (host: Host) => Host[]> = {
  'a host goes down': (host) => [{ ...host, status: 'down' }],
  'its service breaks': (host) => [
    { ...host, services: [{ name: 's', version: 'v1.0.0', status: 'error' }] },
  ],
  'a host disappears': () => [],
  'a host comes': (host) => [host, { ...host, host_id: 'new-node' }],
  'a host gets another address': (host) => [{ ...host, host_ip: '10.9.9.9' }],
  'somebody releases the candidate': (host) => [{ ...host, services: running('v2.0.0') }],
  'somebody rolls back': (host) => [{ ...host, services: running('v0.9.0') }],
};

it('finds each of 200 changes between plan and delivery', () => {
  let found = 0;
  fc.assert(
    fc.property(
      fleets(200),
      fc.constantFrom(...Object.keys(races)),
      fc.nat(),
      (hosts, name, pick) => {
        const healthy = hosts.filter(({ status }) => status === 'running');
        fc.pre(healthy.length > 0);
        const target = healthy[pick % healthy.length];
        const after = hosts.flatMap((host) =>
          host === target ? (races[name]?.(host) ?? []) : [host],
        );
        expect(look(hosts, after)).not.toEqual([]);
        found += 1;
      },
    ),
    { numRuns: 200 },
  );
  expect(found).toBe(200);
});

it('finds nothing where nothing changed', () => {
  fc.assert(
    fc.property(fleets(200), (hosts) => expect(look(hosts, [...hosts].reverse())).toEqual([])),
    {
      numRuns: 100,
    },
  );
});

it('does not mind hosts that the request left out', () => {
  const before = [hostOf(0), hostOf(1)];
  const after = [hostOf(0), hostOf(1, { status: 'down' }), hostOf(2)];
  const facts = {
    service: 's',
    candidate: 'v2.0.0',
    requested: [{ host_id: 'node-0', host_ip: '10.0.0.1' }],
    planned: [{ host_id: 'node-0', host_ip: '10.0.0.1' }],
    excluded: [],
    versions: { 'v1.0.0': 1 },
  };
  expect(changesSince({ ...facts, hosts: before })).toEqual([]);
  expect(changesSince({ ...facts, hosts: after })).toEqual([]);
});

it('tells what changed, and where', () => {
  const before = Array.from({ length: 9 }, (_, i) => hostOf(i));
  const after = before.map((host) => ({ ...host, status: 'down' }));
  expect(look(before, after)[0]).toMatch(
    /^node-\d \(host is down\), .* and 4 more: no longer healthy$/,
  );
});
