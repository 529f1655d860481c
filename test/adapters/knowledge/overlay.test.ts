import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { loadKnowledge, SHIPPED_KNOWLEDGE } from '../../../src/adapters/knowledge/knowledge';
import { KNOWLEDGE_FOLDER, shippedKnowledge } from '../../fixtures/knowledge';

/** A user's folder with these documents, by name. */
async function folderOf(documents: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'overlay-'));
  for (const [name, text] of Object.entries(documents)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return folder;
}
const over = (...folders: string[]) => loadKnowledge({ shipped: true, folders });
async function knowledgeOf(...folders: string[]) {
  const loaded = await over(...folders);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.knowledge;
}
async function errorsOf(...folders: string[]) {
  const loaded = await over(...folders);
  return loaded.ok
    ? []
    : loaded.errors.map(({ file, line, message }) => `${file}:${line}: ${message}`);
}

const CART = '---\nservice: cart\nkind: redis\ndescription: Carts of customers.\n---\nOurs.\n';
const POLICY = (more: string) =>
  `---\nid: ours\ntitle: Ours\napplies: {}\nsizes: [1, rest]\nobservation: {first: 600s, later: 900s}\nreferences: [Our handbook]\n${more}---\nOurs.\n`;

it('finds the shipped base beside the program', async () => {
  expect(SHIPPED_KNOWLEDGE).toBe(KNOWLEDGE_FOLDER);
  expect(await knowledgeOf()).toEqual(await shippedKnowledge());
});

it('adds documents to the shipped ones, whose ids it may name', async () => {
  const shipped = await shippedKnowledge();
  const { services, risks } = await knowledgeOf(await folderOf({ 'services/cart.md': CART }));
  expect(services).toHaveLength(shipped.services.length + 1);
  expect(services.find(({ service }) => service === 'cart')).toMatchObject({
    path: 'services/cart.md',
    prose: 'Ours.',
  });
  expect(risks).toEqual(shipped.risks);
});

it('replaces a document of the same id; the last folder wins', async () => {
  const first = await folderOf({ 'services/cart.md': CART });
  const second = await folderOf({ 'services/cart.md': CART.replace('redis', 'kafka') });
  const { services } = await knowledgeOf(first, second);
  expect(services.filter(({ service }) => service === 'cart')).toMatchObject([{ kind: 'kafka' }]);
});

it('removes a document, to which others may still refer', async () => {
  const shipped = await shippedKnowledge();
  const named = shipped.technologies.find(({ risks }) => risks.includes('memory-leak'));
  expect(named).toBeDefined();
  const text = '---\nid: memory-leak\ndisabled: true\n---\n';
  const { risks } = await knowledgeOf(await folderOf({ 'risks/memory-leak.md': text }));
  expect(risks).toHaveLength(shipped.risks.length - 1);
  expect(risks.some(({ id }) => id === 'memory-leak')).toBe(false);
});

it('brings a removed document back in a later folder', async () => {
  const cart = await folderOf({ 'services/cart.md': CART });
  const none = await folderOf({ 'services/cart.md': '---\nservice: cart\ndisabled: true\n---\n' });
  expect((await knowledgeOf(cart, none)).services.some((s) => s.service === 'cart')).toBe(false);
  expect((await knowledgeOf(cart, none, cart)).services.some((s) => s.service === 'cart')).toBe(
    true,
  );
});

it('shows faults with the file in the user’s folder', async () => {
  const folder = await folderOf({
    'services/cart.md': CART.replace('kind: redis', 'kind: redys'),
    'risks/gone.md': '---\nid: memory-leek\ndisabled: true\n---\n',
  });
  expect(await errorsOf(folder)).toEqual([
    `${folder}/risks/gone.md:2: disabled: no memory-leek to remove: did you mean "memory-leak"?`,
    `${folder}/services/cart.md:3: kind: no technology redys: did you mean "redis"?`,
  ]);
});

it('names the key of each fault of a freeze', async () => {
  const weekly =
    'freezes:\n' +
    '  - {id: a, owner: o, reason: r, weekly: {time_zone: Europe/Berlim, days: [friday], from: "09:00", until: "17:00"}}\n' +
    '  - {id: b, owner: o, reason: r, time_zone: UTC, from: 2026-12-24, until: "2026-12-27T00:00"}\n';
  const shipped = (await shippedKnowledge()).rollout[0];
  expect(shipped).toBeDefined();
  const folder = await folderOf({ 'rollout/ours.md': POLICY(weekly) });
  const errors = (await errorsOf(folder)).join('\n');
  expect(errors).toContain('freezes.0.weekly.time_zone: is no IANA time zone');
  expect(errors).toContain('"Europe/Berlim"');
  expect(errors).toContain('freezes.0.weekly.days.0: "friday" is none of mon, tue');
  expect(errors).toContain('freezes.1.from: must be local time as 2026-12-24T18:00');
});

it('refuses a folder that is no knowledge base, and a base without a rollout policy', async () => {
  const empty = await folderOf({});
  expect(await errorsOf(empty)).toEqual([
    `${empty}:1: has no folder named risks, technologies, rollout, services`,
  ]);
  const alone = await folderOf({ 'services/cart.md': CART.replace('kind: redis', 'kind: cart') });
  const loaded = await loadKnowledge({ shipped: false, folders: [alone] });
  expect(loaded.ok).toBe(false);
});
