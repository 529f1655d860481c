import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { z } from 'zod';
import { createModel } from '../../../src/adapters/model/model';
import { allowanceOf, createAllowances } from '../../../src/adapters/model/token-allowance';
import { createStateFolder } from '../../../src/adapters/model/state-folder';
import { answer, completion, sendJson, type Behaviour } from '../../fixtures/servers/model';
import { modelOn, newFolder, request, stopAll } from './fixture';

afterEach(stopAll);

const good: Behaviour = (call, response) => answer(call, response, { n: call.nth });
const bad: Behaviour = (call, response) => sendJson(response, completion(call, { content: 'x' }));

describe('replies', () => {
  it('are paid for once, over processes and in spite of the random fence', async () => {
    const { model, server, settings } = await modelOn(good);
    const first = await model.ask({ ...request, run: 'r1' });
    const again = await createModel(settings).ask({ ...request, run: 'r2' });
    expect(again).toEqual({ ...first, fromCache: true });
    expect(server.calls).toHaveLength(1);
  });

  it.each([
    ['facts', { user: '{"fact":2}' }],
    ['prompt version', { version: '2' }],
    ['schema', { schema: z.strictObject({ n: z.number(), m: z.null() }) }],
    ['corrections', { repairs: ['schema'] }],
  ])('are not taken for a question with other %s', async (_name, change) => {
    const { model, server } = await modelOn(good);
    await model.ask(request);
    await model.ask({ ...request, ...change });
    expect(server.calls).toHaveLength(2);
  });

  it.each([
    ['model', { model: 'other' }],
    ['way of structured output', { structuredOutput: 'tool' as const }],
    ['parameters', { extraBody: { reasoning_effort: 'low' } }],
  ])('are not taken from another %s', async (_name, change) => {
    const { model, server, settings } = await modelOn(good);
    await model.ask(request);
    await createModel({ ...settings, ...change }).ask(request);
    expect(server.calls).toHaveLength(2);
  });

  it('that are bad are found again by their own run alone', async () => {
    const { model, server } = await modelOn(bad);
    const first = await model.ask({ ...request, run: 'r1' });
    expect(await model.ask({ ...request, run: 'r1' })).toEqual({ ...first, fromCache: true });
    expect(server.calls).toHaveLength(1);
    await model.ask({ ...request, run: 'r2' });
    expect(server.calls).toHaveLength(2);
  });

  it('hold neither prompt nor key on disk, and are for their owner alone', async () => {
    const { model, settings } = await modelOn(good);
    await model.ask({ ...request, user: '{"fact":"top secret"}' });
    const [file] = readdirSync(settings.cacheDir).map((n) => path.join(settings.cacheDir, n));
    expect(statSync(file ?? '').mode & 0o777).toBe(0o600);
    const folder = createStateFolder(settings.cacheDir);
    const kept = await folder.read(path.basename(file ?? '', '.json'), z.unknown());
    expect(JSON.stringify(kept)).not.toMatch(/secret/);
  });

  it.each(['', '{', '{"run":"r","good":true,"completion":{"choices":[]}}', '[]'])(
    'that are broken on disk (%p) are asked for again',
    async (text) => {
      const { model, server, settings } = await modelOn(good);
      await model.ask(request);
      for (const name of readdirSync(settings.cacheDir))
        writeFileSync(path.join(settings.cacheDir, name), text);
      expect(await model.ask(request)).toMatchObject({ kind: 'answer' });
      expect(server.calls).toHaveLength(2);
    },
  );

  it('are asked for each time, and nothing fails, where the folder cannot be written', async () => {
    const { model, server } = await modelOn(good, { cacheDir: '/dev/null/nowhere' });
    await model.ask(request);
    expect(await model.ask(request)).toMatchObject({ kind: 'answer' });
    expect(server.calls).toHaveLength(2);
  });
});

describe('the folder', () => {
  it('forgets what is older than its age, and the oldest beyond its size', async () => {
    const dir = newFolder();
    const folder = createStateFolder(dir, 60_000, 3);
    const old = path.join(dir, 'old.json');
    writeFileSync(old, '{}');
    utimesSync(old, 0, 0);
    for (const n of [1, 2, 3, 4]) writeFileSync(path.join(dir, `f${n}.json`), '{}');
    expect(await folder.read('old', z.unknown())).toBeUndefined();
    expect(await folder.write('new', { n: 1 })).toBe(true);
    expect(readdirSync(dir)).toHaveLength(3);
    expect(await folder.read('new', z.unknown())).toEqual({ n: 1 });
  });
});

describe('a allowance', () => {
  const key = { run: 'run', activity: '5', share: 10_000 };

  it('holds three quarters of what earlier attempts left by their records', async () => {
    const open = createAllowances(createStateFolder(newFolder()));
    const first = await open({ ...key, attempt: 1 });
    expect(first.tokens).toBe(7_500);
    await first.close(400);
    expect((await open({ ...key, attempt: 2 })).tokens).toBe(7_200);
  });

  it('takes all that an attempt was allowed for spent when it left no end', async () => {
    const open = createAllowances(createStateFolder(newFolder()));
    await open({ ...key, attempt: 1 });
    expect((await open({ ...key, attempt: 2 })).tokens).toBe(1_875);
    const elsewhere = createAllowances(createStateFolder(newFolder()));
    expect((await elsewhere({ ...key, attempt: 2 })).tokens).toBe(1_875);
  });

  it('is one for several questions of an attempt', async () => {
    const open = createAllowances(createStateFolder(newFolder()));
    await (await open({ ...key, attempt: 1 })).close(500);
    expect((await open({ ...key, attempt: 1 })).tokens).toBe(7_000);
  });

  it('never lets the attempts spend more than the share, whatever is known of them', () => {
    const attempts = fc.array(
      fc.record({ part: fc.double({ min: 0, max: 1, noNaN: true }), known: fc.boolean() }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), attempts, (share, tries) => {
        const records: (number | undefined)[] = [];
        let spent = 0;
        for (const { part, known } of tries) {
          const paid = Math.floor(allowanceOf(share, records) * part);
          spent += paid;
          records.push(known ? paid : undefined);
        }
        expect(spent).toBeLessThanOrEqual(share);
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});
