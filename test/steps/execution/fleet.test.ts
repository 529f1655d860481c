import type { SeenHost } from '../../../src/domain/execution/execution';
import { executableOf } from '../../../src/steps/execution/executable-issue';
import {
  foreignChange,
  namedHosts,
  notRunning,
  rollbackGroups,
  unhealthyOf,
} from '../../../src/steps/execution/fleet';
import { HOSTS, smallIssue } from '../../fixtures/releases/small-release';

const OLD = 'v1.0.0';
const NEW = 'v1.1.0';
const issue = executableOf(smallIssue('cart'));
const fleet = (changes: Record<string, Partial<SeenHost>> = {}): SeenHost[] =>
  HOSTS.map((host_id) => ({
    ...{ host_id, version: OLD, healthy: true, status: 'active' },
    ...changes[host_id],
  }));
const run = (...hosts: string[]) =>
  Object.fromEntries(hosts.map((host) => [host, { version: NEW }]));

describe('what another hand changed', () => {
  it('is nothing while released hosts run the candidate, and the others what they ran', () => {
    expect(foreignChange({ issue, released: ['h1'] }, fleet(run('h1')))).toBeUndefined();
  });

  it('is the candidate on a host that this release did not deploy, excluded hosts among them', () => {
    expect(foreignChange({ issue, released: ['h1'] }, fleet(run('h1', 'h5')))).toMatchObject({
      code: 'ExtraHost',
      text: expect.stringContaining('h5') as string,
    });
    const stranger = { host_id: 'spare', version: NEW, healthy: true, status: 'active' };
    expect(foreignChange({ issue, released: [] }, [...fleet(), stranger])).toMatchObject({
      code: 'ExtraHost',
    });
  });

  it('is another version on a released host, or on one that waits', () => {
    for (const [host, version] of [
      ['h1', OLD],
      ['h1', 'v9'],
      ['h7', 'v0.9'],
    ] as const)
      expect(
        foreignChange({ issue, released: ['h1'] }, fleet({ ...run('h1'), [host]: { version } })),
      ).toMatchObject({ code: 'VersionDrift', text: expect.stringContaining(host) as string });
  });

  it('is a released host that is gone', () => {
    const seen = fleet(run('h1')).filter(({ host_id }) => host_id !== 'h1');
    expect(foreignChange({ issue, released: ['h1'] }, seen)).toMatchObject({
      code: 'VersionDrift',
    });
  });

  it('is not a host outside the plan that runs some other version', () => {
    const other = { host_id: 'spare', version: 'v0.1', healthy: false, status: 'drained' };
    expect(foreignChange({ issue, released: [] }, [...fleet(), other])).toBeUndefined();
  });
});

it('takes a host for released when it runs the candidate and is healthy, not before', () => {
  const seen = fleet({ h2: { version: NEW, healthy: false }, h3: { version: NEW } });
  expect(notRunning(['h1', 'h2', 'h3', 'gone'], NEW, seen)).toEqual(['h1', 'h2', 'gone']);
});

it('names hosts that are not healthy, with their status', () => {
  const seen = fleet({ h2: { healthy: false, status: 'error' } });
  expect(unhealthyOf(['h1', 'h2', 'gone'], seen)).toMatchObject({
    code: 'HostsUnhealthy',
    text: 'h2 (error), gone (gone): not healthy',
  });
  expect(unhealthyOf(['h1'], seen)).toBeUndefined();
});

describe('a rollback', () => {
  const mixed = executableOf({
    ...smallIssue('cart'),
    rollback: { targets: { [OLD]: ['h1', 'h2'], 'v0.9': ['h3'] }, unknown: ['h4'] },
  });

  it('puts each host back to what it ran, with three versions in the fleet', () => {
    const { groups, unknown } = rollbackGroups(
      mixed,
      ['h1', 'h2', 'h3', 'h4'],
      fleet(run('h1', 'h2', 'h3', 'h4')),
    );
    expect(groups).toEqual([
      { version: OLD, host_ids: ['h1', 'h2'] },
      { version: 'v0.9', host_ids: ['h3'] },
    ]);
    expect(unknown).toEqual(['h4']);
  });

  it('does not touch hosts that run their old version in health, nor hosts that were never released', () => {
    const { groups, back } = rollbackGroups(mixed, ['h1', 'h2'], fleet(run('h2')));
    expect(groups).toEqual([{ version: OLD, host_ids: ['h2'] }]);
    expect(back).toEqual([{ version: OLD, host_ids: ['h1'] }]);
  });

  it('covers a host on which a deployment broke off', () => {
    const { groups } = rollbackGroups(mixed, ['h1'], fleet({ h1: { healthy: false } }));
    expect(groups).toEqual([{ version: OLD, host_ids: ['h1'] }]);
  });
});

it('names ten hosts and counts the others', () => {
  expect(namedHosts(Array.from({ length: 12 }, (_, at) => `h${at}`))).toBe(
    'h0, h1, h2, h3, h4, h5, h6, h7, h8, h9 and 2 more',
  );
});
