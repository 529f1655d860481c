import type { Knowledge } from '../../../src/domain/knowledge/knowledge';
import { RolloutDocument } from '../../../src/domain/knowledge/rollout-document';
import { choosePolicy } from '../../../src/steps/release-plan/rollout-policy';

const policyOf = (id: string, applies = {}) => ({
  ...RolloutDocument.parse({
    id,
    title: id,
    applies,
    first_batch: 1,
    growth: 2,
    max_share: 0.5,
    max_batches: 8,
    observation: ['600s'],
    repair_observation: ['600s'],
    max_observation: '3600s',
    issue_valid_for: '86400s',
    references: ['this test'],
  }),
  path: '',
  prose: '',
});
const knowledge = (services: object[] = []) =>
  ({
    risks: [],
    technologies: [
      { id: 'general', extends: [], aliases: [], groups: [] },
      { id: 'redis', extends: [], aliases: [], groups: [] },
    ],
    rollout: [
      policyOf('default'),
      policyOf('large', { min_hosts: 200 }),
      policyOf('stores', { kinds: ['redis'] }),
      policyOf('critical-stores', { kinds: ['redis'], criticality: ['critical'] }),
      policyOf('europe', { regions: ['eu'], max_hosts: 10 }),
    ],
    services,
  }) as unknown as Knowledge;
const hosts = (n: number, ...regions: string[]) => ({ hosts: n, regions });

it.each([
  ['the policy without conditions', {}, hosts(3), 'default', 'no other policy applies'],
  ['by fleet size', {}, hosts(300), 'large', '300 hosts are at least 200'],
  ['by kind', { kind: 'redis' }, hosts(3), 'stores', 'the service is of kind redis'],
  [
    'the most conditions',
    { kind: 'redis', criticality: 'critical' },
    hosts(3),
    'critical-stores',
    'the service is of kind redis, its criticality is critical',
  ],
  ['by region', {}, hosts(3, 'eu'), 'europe', '3 hosts are at most 10, hosts are in region eu'],
  ['what the profile names', { rollout: 'large' }, hosts(1), 'large', 'the profile of s names it'],
])('chooses %s', (_name, profile, targets, id, reason) => {
  const base = { service: 's', kind: 'general', ...profile };
  const chosen = choosePolicy({ service: 's', ...targets }, knowledge([base]));
  expect([chosen?.policy.id, chosen?.reason]).toEqual([id, reason]);
});

it.each([
  [
    'by the name of a service without a profile',
    { service: 'orders-redis' },
    'stores',
    'the service is of kind redis by its name',
  ],
  [
    'by what its metrics tell',
    { service: 'orders', detectedKind: { kind: 'redis', because: 'by the names of its metrics' } },
    'stores',
    'the service is of kind redis by the names of its metrics',
  ],
  [
    'and says that the kind is not known',
    { service: 'orders' },
    'default',
    'no other policy applies; the kind of the service is not known',
  ],
])('chooses %s', (_name, facts, id, reason) => {
  const chosen = choosePolicy({ ...facts, ...hosts(3) }, knowledge());
  expect([chosen?.policy.id, chosen?.reason]).toEqual([id, reason]);
});

it('has no policy where none applies', () => {
  const none = { ...knowledge(), rollout: [policyOf('large', { min_hosts: 200 })] };
  expect(choosePolicy({ service: 's', ...hosts(1) }, none)).toBeUndefined();
});
