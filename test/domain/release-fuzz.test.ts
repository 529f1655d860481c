import fc from 'fast-check';
import { parseReleaseRequest } from '../../src/domain/release';
import { answersLike, expectCleanPrototype, noisy, RUNS, type Json } from '../fixtures/fuzz';

jest.setTimeout(600_000);

const valid = (): Json => ({
  service: 'user-service',
  version: 'v1.1.0',
  hosts: [
    { host_id: 'sh1-node-001', host_ip: '192.168.1.11' },
    { host_id: 'sh1-node-002', host_ip: 'fe80::1' },
  ],
  executor: { workflow_id: 'release/user-service/v1.1.0' },
  override: { by: 'ann', reason: 'agreed with the owners' },
  dry_run: true,
});
const name = fc
  .string({ unit: fc.constantFrom(...'abcß漢😀-_.:$'), minLength: 1, maxLength: 40 })
  .filter((text) => text !== '.' && text !== '..');

/** A verdict, whatever comes: a request that reads alike again, or what is wrong with it. */
function expectVerdict(input: unknown): void {
  const parsed = parseReleaseRequest(input);
  if (parsed.ok) expect(parseReleaseRequest(parsed.request)).toEqual(parsed);
  else {
    expect(parsed.errors.length).toBeGreaterThan(0);
    expect(parsed.errors.join('\n').length).toBeLessThan(10_000);
  }
  expectCleanPrototype();
}

it('reads or refuses any value, in few words', () => {
  fc.assert(fc.property(fc.anything(), expectVerdict), { numRuns: RUNS });
});

it('reads or refuses any JSON, above all requests with mistakes in them', () => {
  const read = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };
  const input = answersLike(valid);
  fc.assert(
    fc.property(input, (text) => expectVerdict(read(text))),
    { numRuns: 6 * RUNS },
  );
});

it('reads every valid request, in either spelling, unchanged', () => {
  const request = fc.record(
    {
      service: name,
      version: name,
      hosts: fc.uniqueArray(fc.record({ host_id: name, host_ip: name }), {
        selector: ({ host_id }) => host_id,
        maxLength: 5,
      }),
      dry_run: fc.boolean(),
    },
    { requiredKeys: ['service', 'version'] },
  );
  fc.assert(
    fc.property(
      request,
      fc.boolean(),
      fc.boolean(),
      ({ version, hosts, ...rest }, verison, nodes) => {
        const spelt = {
          ...rest,
          ...(verison ? { verison: version } : { version }),
          ...(hosts && (nodes ? { nodes: hosts } : { hosts })),
        };
        const parsed = parseReleaseRequest(JSON.parse(JSON.stringify(spelt)));
        expect(parsed).toEqual({
          ok: true,
          request: { ...rest, version, ...(hosts && { hosts }) },
        });
      },
    ),
    { numRuns: RUNS },
  );
});

it('refuses keys that nobody asked for, by their names', () => {
  fc.assert(
    fc.property(noisy(valid), (text) => {
      const parsed = parseReleaseRequest(JSON.parse(text));
      expect(parsed).toMatchObject({ ok: false });
      expect(JSON.stringify(parsed)).toContain('x-later');
    }),
    { numRuns: RUNS },
  );
});
