import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { createTopology } from '../../src/adapters/topology/topology';
import { ConfigError, parseConfig, VARIABLES } from '../../src/config/config';
import { expectCleanPrototype, RUNS } from '../fixtures/fuzz';

jest.setTimeout(600_000);

const NAMES = [...new Set([...VARIABLES, ...['__proto__', 'constructor', 'UNKNOWN']])];

const value = fc.oneof(
  fc.constantFrom(
    ...['', ' ', 'auto', 'off', '24h', '0s', '99999999999999999999d', '1e9h', '-1h', '７d', 'NaN'],
    ...[
      '2026-08-22/2026-08-23',
      '2026-08-23/2026-08-22',
      'x/y',
      '/',
      '+275760-09-13/+275761-01-01',
    ],
    ...['http://', 'http://a b', 'https://u:p@h:1/x?y#z', 'file:', 'file:///%zz', 'javascript:1'],
    ...['http://[::1]:9200', 'http://h:99999', '{"a":1}', '{"__proto__":{"polluted":true}}', '[1]'],
    ...[
      '{"model":"x"}',
      '{',
      '30s',
      '61s',
      '60000',
      '9007199254740993',
      'otel',
      ',',
      ',,a',
      '\u0000',
    ],
    ...['x'.repeat(100_000), `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`],
  ),
  fc.string({ maxLength: 20 }),
);

it('is read or refused with every fault, whatever the variables hold', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 12 }), (environment) => {
      try {
        const config = parseConfig(environment);
        // Reading it again from what was given is the same.
        expect(parseConfig(environment)).toEqual(config);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
        const { errors, message } = error as ConfigError;
        expect(errors.length).toBeGreaterThan(0);
        expect(message.length).toBeLessThan(20_000);
      }
      expectCleanPrototype();
    }),
    { numRuns: 20 * RUNS },
  );
});

it('takes no window that is no time', async () => {
  const text = fc.oneof(
    value,
    fc.tuple(fc.nat(), fc.constantFrom('s', 'm', 'h', 'd')).map(([n, u]) => `${n}${u}`),
  );
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'edges-')), 'edges.json');
  writeFileSync(file, '{"edges":[]}');
  const url = `file:${file}`;
  let read = 0;
  await fc.assert(
    fc.asyncProperty(text, async (TOPOLOGY_WINDOW) => {
      let window: string;
      try {
        window = parseConfig({ TOPOLOGY_WINDOW }).TOPOLOGY_WINDOW;
      } catch {
        return;
      }
      const topology = createTopology({ url, schema: 'auto', indexPrefix: '', window });
      const { from, to } = (await topology.trace({ service: 's', now: new Date() })).source.window;
      expect(Date.parse(from)).toBeLessThan(Date.parse(to));
      read += 1;
    }),
    { numRuns: 5 * RUNS },
  );
  expect(read).toBeGreaterThan(RUNS / 4);
});
