import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fingerprintOf, readCheckedCopy } from '../../../src/adapters/knowledge/knowledge-cache';
import { readTexts } from '../../../src/adapters/knowledge/read-texts';
import { KNOWLEDGE_FOLDER, shippedKnowledge } from '../../fixtures/knowledge';

async function copyOfOurs() {
  const texts = await readTexts(KNOWLEDGE_FOLDER, []);
  const knowledge = await shippedKnowledge();
  const file = path.join(await mkdtemp(path.join(os.tmpdir(), 'copy-')), 'knowledge.json');
  await writeFile(file, JSON.stringify({ fingerprint: fingerprintOf(texts), knowledge }));
  return { texts, knowledge, file };
}

it('is the knowledge that parsing answers, nothing lost on the way through JSON', async () => {
  const { texts, knowledge, file } = await copyOfOurs();
  expect(await readCheckedCopy(texts, file)).toStrictEqual(knowledge);
});

it('is used for no other texts: a changed one, one more, one less, one of another name', async () => {
  const { texts, file } = await copyOfOurs();
  const [first, ...rest] = texts.risks;
  if (first === undefined) throw new Error('no risks');
  const others = [
    [{ ...first, text: `${first.text} ` }, ...rest],
    [first, { ...first, file: 'risks/a.md' }, ...rest],
    rest,
    [{ ...first, file: 'risks/a.md' }, ...rest],
  ];
  for (const risks of others) expect(await readCheckedCopy({ ...texts, risks }, file)).toBeNull();
});

it('is passed over when it is broken or missing', async () => {
  const { texts, file } = await copyOfOurs();
  await writeFile(file, '{"fingerprint":');
  expect(await readCheckedCopy(texts, file)).toBeNull();
  expect(await readCheckedCopy(texts, `${file}.none`)).toBeNull();
});
