import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { loadKnowledge } from '../../src/adapters/knowledge';

const OURS = path.resolve(__dirname, '../../knowledge');
const copy = async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'knowledge-'));
  await cp(OURS, folder, { recursive: true });
  return folder;
};
const change = async (folder: string, file: string, edit: (text: string) => string) =>
  writeFile(path.join(folder, file), edit(await readFile(path.join(folder, file), 'utf8')));
const errorsOf = async (folder: string) => {
  const loaded = await loadKnowledge(folder);
  return loaded.ok ? [] : loaded.errors;
};

it('reads our own base, which has what a first edition needs', async () => {
  const loaded = await loadKnowledge(OURS);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  const { risks, technologies, services } = loaded.knowledge;
  expect(risks.length).toBeGreaterThanOrEqual(12);
  expect(technologies.flatMap(({ groups }) => groups).length).toBeGreaterThanOrEqual(8);
  expect(services.length).toBeGreaterThanOrEqual(3);
});

it.each([
  [
    'an unknown key',
    'risks/memory-leak.md',
    (t: string) => t.replace('severity:', 'severe: yes\nseverity:'),
    /Unrecognized key/,
  ],
  [
    'a bad value',
    'risks/memory-leak.md',
    (t: string) => t.replace('severity: high', 'severity: huge'),
    /severity/,
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
    (t: string) => t.replace('["Memory"]', '["Mmemory"]'),
    /no metric group Mmemory/,
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
  const folder = await copy();
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

it('names a second document of one id, and follows no link', async () => {
  const folder = await copy();
  await cp(path.join(folder, 'risks/memory-leak.md'), path.join(folder, 'risks/other.md'));
  await symlink('/etc/hostname', path.join(folder, 'risks/link.md'));
  const messages = (await errorsOf(folder)).map(({ message }) => message);
  expect(messages).toEqual([
    expect.stringContaining('no plain file'),
    expect.stringContaining('stands in'),
  ]);
});

it('says that a folder without a rollout policy is no knowledge base', async () => {
  expect(await errorsOf('/nowhere')).toHaveLength(1);
});
