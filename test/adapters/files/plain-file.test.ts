import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readAtStart, readPlainFile } from '../../../src/adapters/files/plain-file';
import { readStream } from '../../../src/adapters/files/read-stream';
import { loadKnowledge } from '../../../src/adapters/knowledge/knowledge';
import { readTexts } from '../../../src/adapters/knowledge/read-texts';
import type { KnowledgeFault } from '../../../src/adapters/knowledge/read-document';
import { createStateFolder } from '../../../src/adapters/model/state-folder';
import { fileBlobs } from '../../../src/adapters/payload-store/file-blobs';
import { createReleaseSystem } from '../../../src/adapters/release-system/release-system';
import { createTopology } from '../../../src/adapters/topology/topology';
import { createTokens } from '../../../src/serve/tokens';
import { z } from 'zod';

const folder = mkdtempSync(path.join(os.tmpdir(), 'plain-'));
const at = (name: string) => path.join(folder, name);
/** What is no file, under the name that each reader looks for. */
const TRAPS = ['pipe', 'zero', 'loop', 'socket', 'folder', 'missing'] as const;
const endOf = (name: string, ending: string) => at(`${name}${ending}`);
let server: Server;
beforeAll(async () => {
  for (const ending of ['', '.json', '.md']) {
    execFileSync('mkfifo', [endOf('pipe', ending)]);
    symlinkSync('/dev/zero', endOf('zero', ending));
    symlinkSync(endOf('loop', ending), endOf('loop', ending));
    mkdirSync(endOf('folder', ending));
    symlinkSync(at('nothing'), endOf('missing', ending));
  }
  writeFileSync(at('plain'), 'text');
  symlinkSync(at('plain'), at('link'));
  server = createServer().listen(at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(() => void server.close());

describe('what is no file is refused at once by the reader of', () => {
  it.each(TRAPS)(
    'a list of hosts, a chain, tokens, a payload and a cached reply: %s',
    async (trap) => {
      const file = at(trap);
      const permanent = { permanent: true };
      await expect(
        createReleaseSystem({ url: `file:${file}` }).hostsOf('cart'),
      ).rejects.toMatchObject(permanent);
      const chain = createTopology({ url: `file:${file}` } as never);
      await expect(chain.trace({ service: 'cart', now: new Date() })).rejects.toMatchObject(
        permanent,
      );
      await expect(createTokens(file).check()).rejects.toThrow(file);
      const payload = fileBlobs(folder).read(trap);
      if (trap === 'missing') expect(await payload.catch(() => null)).toBeNull();
      else await expect(payload).rejects.toMatchObject({ upstream: 'issue-store' });
      expect(await createStateFolder(folder).read(trap, z.unknown())).toBeUndefined();
    },
  );

  it('documents: each is named, and so is a link out of the folder', async () => {
    const base = path.join(folder, 'base');
    mkdirSync(path.join(base, 'risks'), { recursive: true });
    for (const trap of ['pipe', 'zero', 'loop', 'folder', 'missing'])
      symlinkSync(endOf(trap, '.md'), path.join(base, 'risks', `${trap}.md`));
    execFileSync('mkfifo', [path.join(base, 'risks/own-pipe.md')]);
    symlinkSync('/etc/hostname', path.join(base, 'risks/outside.md'));
    symlinkSync('risks', path.join(base, 'rollout'));
    symlinkSync(path.join(base, 'services'), path.join(base, 'services'));
    const loaded = await loadKnowledge({ shipped: false, folders: [base] });
    const faults = loaded.ok ? [] : loaded.errors.map(({ file, message }) => `${file}: ${message}`);
    for (const name of ['pipe', 'zero', 'loop', 'folder', 'missing', 'own-pipe', 'outside'])
      expect(faults).toContainEqual(expect.stringContaining(`risks/${name}.md: `));
    expect(faults).toContainEqual(expect.stringMatching(/own-pipe.md: is not a regular file/));
    expect(faults).toContainEqual(expect.stringMatching(/outside.md: leads out of the folder/));
    expect(faults).toContainEqual(expect.stringMatching(/services: ELOOP/));
  });

  it('documents of a mount of Kubernetes, whose links stay inside, are read', async () => {
    const base = path.join(folder, 'mount');
    mkdirSync(path.join(base, '..2026/services'), { recursive: true });
    writeFileSync(path.join(base, '..2026/services/cart.md'), 'x');
    symlinkSync('..2026', path.join(base, '..data'));
    symlinkSync('..data/services', path.join(base, 'services'));
    const errors: KnowledgeFault[] = [];
    const { services } = await readTexts(base, errors);
    expect(services).toEqual([{ file: 'services/cart.md', text: 'x' }]);
    expect(errors).toEqual([]);
  });
});

describe('a plain file', () => {
  it('is read up to the bound, even where its size says nothing', async () => {
    expect(await readPlainFile(at('plain'), 4)).toBe('text');
    await expect(readPlainFile(at('plain'), 3)).rejects.toThrow('over 3 bytes');
    // A file of the kernel has size 0.
    expect(await readPlainFile('/proc/self/status', 64_000)).toContain('Name:');
    await expect(readPlainFile('/proc/self/status', 10)).rejects.toThrow('over 10 bytes');
  });

  it('is read through a link only where the operator may place one', async () => {
    await expect(readPlainFile(at('link'), 4)).rejects.toThrow('is a link');
    expect(await readPlainFile(at('link'), 4, { followLinks: true })).toBe('text');
  });
});

describe('an input of a command', () => {
  it('may be a pipe, which ends with its writer or at once', async () => {
    expect(await readStream(at('plain'), 10)).toBe('text');
    expect(await readStream(at('pipe'), 10)).toBe('');
    // Opened for both, so that it waits for no reader.
    const writer = await open(at('pipe'), 'r+');
    await writer.write('a');
    const read = readStream(at('pipe'), 10);
    await pause(100);
    await writer.write('b');
    await writer.close();
    expect(await read).toBe('ab');
  });

  it('has an end, and is no device', async () => {
    await expect(readStream('/dev/zero', 1e6)).rejects.toThrow('neither a file nor a pipe');
    await expect(readStream(at('plain'), 3)).rejects.toThrow('over 3 bytes');
  });
});

it('keys and certificates are read at the start, but no device without end', () => {
  expect(readAtStart(at('plain'), 4).toString()).toBe('text');
  expect(() => readAtStart('/dev/zero', 1e6)).toThrow('over 1000000 bytes');
  expect(() => readAtStart(at('folder'), 10)).toThrow('EISDIR');
});
