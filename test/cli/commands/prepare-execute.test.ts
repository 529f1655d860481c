import { runCommand } from '../../fixtures/processes/command-line';

const PREPARE = ['prepare', '--service', 'cart', '--version', 'v2', '--embedded', '--execute'];

it.each([
  [
    'a list of hosts, which cannot deploy',
    [],
    { RELEASE_SYSTEM_URL: 'file:hosts.json' },
    'RELEASE_SYSTEM_URL=file:hosts.json is a list of hosts, which cannot deploy',
  ],
  ['a dry run', ['--dry-run'], {}, '--dry-run: nothing is delivered then'],
])(
  'refuses to release before anything starts: %s',
  async (_, more, env, reason) => {
    const answer = await runCommand([...PREPARE, ...more], env);
    expect([answer.code, answer.stdout]).toEqual([2, '']);
    expect(answer.stderr).toContain(reason);
    expect(answer.stderr).not.toContain('Temporal server');
  },
  60_000,
);
