import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { FLOODS } from '../../fixtures/floods';
import { serveText, type TextServer } from '../../fixtures/text-server';

jest.setTimeout(300_000);

const CHILD = path.resolve(__dirname, '../../fixtures/processes/flooded-adapters.ts');
/** A third of what the image gives its worker (docs/operations.md). */
const HEAP_MB = 512;
/**
 * Of one computation between two turns of the event loop: a second of an idle core, which takes up to twice as long where
 * another test runs on the same core. The faults that this finds take ten seconds or never end.
 */
const MAX_CPU_MS = 2_000;

type Line = { ended: string; longestMs: number };
let server: TextServer;
let lines: Line[];

beforeAll(async () => {
  server = await serveText({ 'x-elastic-product': 'Elasticsearch' });
  server.answer = (url) => FLOODS[Number(url.split('/')[1])]?.answer() ?? '';
  const reads = FLOODS.map(({ reader }, i) => `${reader}=${server.url}/${i}`);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`--max-old-space-size=${HEAP_MB}`, '--import', 'tsx', CHILD, ...reads],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
});
afterAll(() => server.stop());

/** What a process with a small heap makes of each answer, in one life. */
it.each(FLOODS.map(({ name }, i): [string, number] => [name, i]))(
  'survives %s, and says what is wrong with it',
  (_, i) => {
    const line = lines[i];
    expect(line?.ended).toMatch(/^(read$|UpstreamError: )/);
    expect(line?.ended.length).toBeLessThan(1_000);
    expect(line?.longestMs).toBeLessThan(MAX_CPU_MS);
  },
);
