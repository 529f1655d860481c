import { cp, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { checkKnowledge } from '../../../src/cli/commands/knowledge';
import { KNOWLEDGE_FOLDER } from '../../fixtures/knowledge';

it('counts what a whole base holds', async () => {
  const written: string[] = [];
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  await checkKnowledge(KNOWLEDGE_FOLDER);
  stdout.mockRestore();
  expect(written.join('')).toMatch(
    /\d+ risks, \d+ technologies with \d+ metric groups, \d+ rollout/,
  );
});

it('names each error with file and line, and ends with the code for bad input', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'knowledge-cli-'));
  await cp(KNOWLEDGE_FOLDER, folder, { recursive: true });
  const file = path.join(folder, 'risks/memory-leak.md');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('severity:', 'severty:'));
  const line = text.split('\n').findIndex((row) => row.startsWith('severity:')) + 1;
  const checked = checkKnowledge(folder);
  await expect(checked).rejects.toMatchObject({ exitCode: 2 });
  const message = await checked.catch((error: Error) => error.message);
  expect(message).toContain(
    `risks/memory-leak.md:${line}: severty: unknown key: did you mean "severity"?`,
  );
  expect(message).toContain(`2 errors in 1 file of shipped + ${folder}`);
});

it('names the faults of a profile and of a freeze all at once', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'knowledge-cli-'));
  await mkdir(path.join(folder, 'services'));
  await writeFile(
    path.join(folder, 'services/shop.md'),
    '---\nservice: shop\nkind: http-servce\nownr: team\n---\nA shop.\n',
  );
  await cp(path.join(KNOWLEDGE_FOLDER, 'rollout'), path.join(folder, 'rollout'), {
    recursive: true,
  });
  const [policy = ''] = await readdir(path.join(folder, 'rollout'));
  const file = path.join(folder, 'rollout', policy);
  const text = await readFile(file, 'utf8');
  const freeze = '{id: a, owner: o, reason: r, time_zone: Europe/Berlim, from: 2026-12-24}';
  await writeFile(file, text.replace('\nreferences:', `\nfreezes:\n  - ${freeze}\nreferences:`));
  const message = await checkKnowledge(folder).then(
    () => '',
    (error: Error) => error.message,
  );
  for (const fault of [
    /services\/shop\.md:4: ownr: unknown key: did you mean "owner"\?/,
    /services\/shop\.md:\d+: description: is missing/,
    /freezes\.0\.time_zone: is no IANA time zone/,
    /freezes\.0\.from: must be local time/,
    /freezes\.0\.until: is missing/,
  ])
    expect(message).toMatch(fault);
});
