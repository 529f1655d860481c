import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { loadKnowledge } from '../../../src/adapters/knowledge/knowledge';
import { KNOWLEDGE_FOLDER, shippedKnowledge } from '../../fixtures/knowledge';

const copy = async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'knowledge-'));
  await cp(KNOWLEDGE_FOLDER, folder, { recursive: true });
  return folder;
};
/** A few documents of our base, some of which refer to documents that are not among them. */
const PART =
  /^(risks|services|rollout|technologies[/\\](general|http-service|queue-worker|redis)\.md$)/;
const copyPart = async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'knowledge-'));
  const isPart = (from: string) => {
    const name = path.relative(KNOWLEDGE_FOLDER, from);
    return name === '' || name === 'technologies' || PART.test(name);
  };
  await cp(KNOWLEDGE_FOLDER, folder, { recursive: true, filter: isPart });
  return folder;
};
const change = async (folder: string, file: string, edit: (text: string) => string) =>
  writeFile(path.join(folder, file), edit(await readFile(path.join(folder, file), 'utf8')));
const errorsOf = async (folder: string) => {
  const loaded = await loadKnowledge(folder);
  return loaded.ok ? [] : loaded.errors;
};

it('reads our own base, which is wide enough for real use', async () => {
  const { risks, technologies, services } = await shippedKnowledge();
  expect(risks.length).toBeGreaterThanOrEqual(45);
  for (const { category } of risks)
    expect(risks.filter((r) => r.category === category).length).toBeGreaterThan(4);
  const naming = technologies.filter((technology) => technology.risks.length > 0);
  expect(naming.length).toBeGreaterThanOrEqual(25);
  expect(naming.map(({ id }) => id)).toContain('general');
  // Every action of the vocabulary that people expect of a rollout is the answer to something.
  expect(new Set(risks.map(({ mitigation }) => mitigation.action)).size).toBeGreaterThanOrEqual(6);
  expect(technologies.flatMap(({ groups }) => groups).length).toBeGreaterThanOrEqual(8);
  expect(services.length).toBeGreaterThanOrEqual(3);
});

it('has metric groups for many technologies: patterns, levels and where each level comes from', async () => {
  const { technologies } = await shippedKnowledge();
  const grouped = technologies.filter(({ groups }) => groups.length > 0);
  expect(grouped.length).toBeGreaterThanOrEqual(35);
  const levels = grouped.flatMap(({ groups }) => groups.flatMap((group) => group.levels));
  expect(levels.length).toBeGreaterThan(1_000);
  for (const { match, source } of levels) {
    expect(match.length).toBeGreaterThan(0);
    expect(source.length).toBeGreaterThan(8);
  }
});

it.each([
  [
    'an unknown key',
    'risks/memory-leak.md',
    (t: string) => t.replace('severity:', 'severty: high\nseverity:'),
    /severty: unknown key: did you mean "severity"/,
  ],
  [
    'a bad value',
    'risks/memory-leak.md',
    (t: string) => t.replace('severity: high', 'severity: huge'),
    /severity/,
  ],
  [
    'an alias',
    'risks/memory-leak.md',
    (t: string) => t.replace('severity: high', 'severity: *high'),
    /\*high: write the value itself/,
  ],
  [
    'a list for a key',
    'risks/memory-leak.md',
    (t: string) => t.replace('severity: high', '? [severity]\n: high'),
    /a key must be a name/,
  ],
  [
    'an unknown key deeper down',
    'risks/memory-leak.md',
    (t: string) => t.replace('not_when:', 'notwhen:'),
    /mitigation.notwhen: unknown key: did you mean "not_when"/,
  ],
  [
    'an unknown condition',
    'risks/downgrade.md',
    (t: string) => t.replace('change: [downgrade]', 'change: [downgraded]'),
    /"downgraded" is none of major, .*did you mean "downgrade"/,
  ],
  [
    'a case that adds nothing',
    'risks/queue-backlog.md',
    (t: string) => t.replace('- { position: [has_async] }', '- {}'),
    /also_applies.1: nothing is left for it to add/,
  ],
  [
    'a kind that is none in a further case',
    'risks/queue-backlog.md',
    (t: string) => t.replace('- { kinds: [queue-worker] }', '- { kinds: [queue-wroker] }'),
    /no technology queue-wroker: did you mean "queue-worker"/,
  ],
  [
    'a missing key',
    'risks/downgrade.md',
    (t: string) => t.replace(/^category: .*$/m, ''),
    /category: is missing/,
  ],
  [
    'a risk that raises nothing',
    'risks/memory-leak.md',
    (t: string) => t.replace('likelihood: high }', 'likelihood: low }'),
    /raises neither severity nor likelihood/,
  ],
  [
    'a risk whose file has another name',
    'risks/memory-leak.md',
    (t: string) => t.replace('id: memory-leak', 'id: memory-leaks'),
    /id: is memory-leaks, but the file is named memory-leak.md/,
  ],
  [
    'a broken reference',
    'technologies/redis.md',
    (t: string) => t.replace('cache-stampede', 'no-such-risk'),
    /no risk no-such-risk/,
  ],
  [
    'a group that no technology has',
    'risks/memory-leak.md',
    (t: string) => t.replace('watch: [Memory', 'watch: [Mmemory'),
    /no metric group Mmemory: did you mean "Memory"/,
  ],
  [
    'a kind that is none',
    'services/user-service.md',
    (t: string) => t.replace('http-service', 'cobol'),
    /no technology cobol/,
  ],
  ['bad YAML', 'services/user-service.md', (t: string) => t.replace('kind:', 'kind: ['), /./],
  ['no front matter', 'services/user-service.md', () => 'prose alone', /front matter/],
])('names %s with its file', async (_name, file, edit, message) => {
  const folder = await copyPart();
  await change(folder, file, edit);
  const errors = await errorsOf(folder);
  expect(errors.some((error) => error.file === file && message.test(error.message))).toBe(true);
});

it('names the line', async () => {
  const folder = await copy();
  await change(folder, 'risks/memory-leak.md', (text) =>
    text.replace('severity: high', 'severity: huge'),
  );
  const text = await readFile(path.join(folder, 'risks/memory-leak.md'), 'utf8');
  const line = text.split('\n').indexOf('severity: huge') + 1;
  expect(await errorsOf(folder)).toContainEqual(
    expect.objectContaining({ file: 'risks/memory-leak.md', line }),
  );
});

it('names the line of a key that it does not know', async () => {
  const folder = await copy();
  await change(folder, 'risks/memory-leak.md', (text) => text.replace('not_when:', 'not_wen:'));
  const text = await readFile(path.join(folder, 'risks/memory-leak.md'), 'utf8');
  const line = text.split('\n').findIndex((row) => row.includes('not_wen')) + 1;
  expect(await errorsOf(folder)).toEqual([
    expect.objectContaining({ file: 'risks/memory-leak.md', line }),
  ]);
});

it('refuses a policy that prevents self-approval and asks for no approval', async () => {
  const folder = await copyPart();
  const name = 'rollout/default.md';
  const prevents = (more: string) => (text: string) =>
    text.replace(/^id: .*$/m, (id) => `${id}\nprevent_self_approval: true${more}`);
  const before = await readFile(path.join(folder, name), 'utf8');
  await change(folder, name, prevents('\napprovals: 0'));
  const text = await readFile(path.join(folder, name), 'utf8');
  const errors = (await errorsOf(folder)).filter(({ file }) => file.endsWith(name));
  expect(errors).toEqual([
    expect.objectContaining({
      line: text.split('\n').indexOf('approvals: 0') + 1,
      message: expect.stringMatching(/approvals: must be 1 or 2/) as string,
    }),
  ]);
  await writeFile(path.join(folder, name), prevents('\napprovals: 1')(before));
  expect((await errorsOf(folder)).filter(({ file }) => file.endsWith(name))).toEqual([]);
});

it('names a second document of one id, and follows no link', async () => {
  const folder = await copy();
  await cp(path.join(folder, 'risks/memory-leak.md'), path.join(folder, 'risks/other.md'));
  await symlink('/etc/hostname', path.join(folder, 'risks/link.md'));
  const messages = (await errorsOf(folder)).map(({ message }) => message);
  expect(messages).toEqual([
    expect.stringContaining('leads out of the folder'),
    expect.stringContaining('is already used in'),
    expect.stringContaining('the file is named other.md'),
    expect.stringContaining('is already used in'),
  ]);
});

it('says that a folder without a rollout policy is no knowledge base', async () => {
  expect(await errorsOf('/nowhere')).toHaveLength(1);
});
