import { Readable } from 'node:stream';
import fc from 'fast-check';
import { jsonLines } from '../../../src/adapters/files/json-lines';

async function linesOf(chunks: (string | Buffer)[], maxLength = 1_000): Promise<string[]> {
  const lines: string[] = [];
  for await (const { line } of jsonLines(Readable.from(chunks), maxLength)) lines.push(line);
  return lines;
}

it('gives the same lines however the bytes arrive', async () => {
  const text = fc.stringMatching(/^[a\n\r\u2028é😀]{0,30}$/u);
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 5 }), async (whole, size) => {
      const bytes = Buffer.from(whole);
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      expect(await linesOf(chunks)).toEqual(whole.split('\n'));
    }),
  );
});

it('refuses a line that is too long before it ends, and names it', async () => {
  let read = 0;
  const endless = Readable.from(
    (function* () {
      yield 'short\n';
      for (;;) {
        read += 1;
        yield 'x'.repeat(100);
      }
    })(),
  );
  const lines: string[] = [];
  const reading = (async () => {
    for await (const { line } of jsonLines(endless, 1_000)) lines.push(line);
  })();
  await expect(reading).rejects.toThrow('line 2 is over 1000 characters');
  expect(lines).toEqual(['short']);
  expect(read).toBeLessThan(50);
});
