import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import type { z } from 'zod';
import { parseKnowledge, type KnowledgeFault } from '../../../src/adapters/knowledge/read-document';
import { RiskDocument } from '../../../src/domain/knowledge/risk-document';
import { RolloutDocument } from '../../../src/domain/knowledge/rollout-document';
import { ServiceDocument } from '../../../src/domain/knowledge/service-document';
import { TechnologyDocument } from '../../../src/domain/knowledge/technology-document';
import {
  damagedText,
  expectCleanPrototype,
  mutationsOf,
  RUNS,
  type Json,
} from '../../fixtures/fuzz';
import { KNOWLEDGE_FOLDER } from '../../fixtures/knowledge';

jest.setTimeout(600_000);

/** One real document of a shelf, as it ships: the longest, which has the most to damage. */
function longest(shelf: string): string {
  const texts = readdirSync(path.join(KNOWLEDGE_FOLDER, shelf)).map((name) =>
    readFileSync(path.join(KNOWLEDGE_FOLDER, shelf, name), 'utf8'),
  );
  return texts.filter((text) => text.length < 4_000).sort((a, b) => b.length - a.length)[0] ?? '';
}

/** A document, or faults with a line of the file; never anything thrown. */
function expectVerdict(schema: z.ZodType, text: string): void {
  const errors: KnowledgeFault[] = [];
  const read = parseKnowledge('x.md', text, schema, errors);
  expect(errors.length > 0).toBe(read === undefined);
  const lines = text.split('\n').length;
  for (const { line, message } of errors) {
    expect(line >= 1 && line <= lines + 1).toBe(true);
    expect(message.length).toBeLessThan(5_000);
  }
  expectCleanPrototype();
}

/** YAML that overflows, explodes, repeats, aliases, tags and merges. */
const HOSTILE = [
  `a: ${'['.repeat(3_000)}`,
  `a: ${'{a: '.repeat(2_000)}`,
  `a: ${'['.repeat(3_000)}${']'.repeat(3_000)}`,
  'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]',
  'a: &a\n  b: *a',
  'a: *nobody',
  '<<: &x { id: a }\nid: b',
  '__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }',
  'id: !!js/function "x"\nid: !!binary "=="',
  '? [a, b]\n: c\n? { d: e }\n: f',
  'id: 2026-02-30T25:61:61Z\nn: .nan\ni: -.inf\nx: 0x1F\no: 0o17\nbig: 9007199254740993',
  'null: null\n~: ~\n"": ""\ntrue: true',
  `${'- '.repeat(5_000)}x`,
  `${' '.repeat(9_000)}a: b`,
  '%YAML 9.9\n---\na: b',
  'a: |\n\tb',
  '"\\ud800": "\\udc00"',
  '',
];

describe.each([
  ['risks', RiskDocument],
  ['technologies', TechnologyDocument],
  ['rollout', RolloutDocument],
  ['services', ServiceDocument],
] as const)('%s', (shelf, schema) => {
  const valid = longest(shelf);
  const [, matter = '', prose = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(valid) ?? [];

  it('are read as they ship', () => {
    const errors: KnowledgeFault[] = [];
    const read = parseKnowledge('x.md', valid, schema, errors);
    expect(errors).toEqual([]);
    expect(read?.document.prose).toBe(prose.trim());
  });

  it('with damaged text are read or refused with a line', () => {
    fc.assert(
      fc.property(
        damagedText(() => valid),
        (text) => expectVerdict(schema, text),
      ),
      { numRuns: RUNS / 2 },
    );
  });

  it('with other keys and values are read or refused with a line', () => {
    const document = parse(matter) as Json;
    fc.assert(
      fc.property(
        mutationsOf(() => document),
        // JSON is YAML; both forms of it.
        fc.boolean(),
        (text, flow) => {
          const yaml = flow || text.length > 20_000 ? text : stringify(JSON.parse(text));
          expectVerdict(schema, `---\n${yaml.trim()}\n---\n${prose}`);
        },
      ),
      { numRuns: RUNS / 2 },
    );
  });

  it('with hostile front matter are refused with a line', () => {
    for (const yaml of HOSTILE) {
      expectVerdict(schema, `---\n${yaml}\n---\n`);
    }
  });

  it('of any text at all are read or refused with a line', () => {
    const parts = fc.constantFrom(
      '---\n',
      '\n---\n',
      'id: a\n',
      '# Title\n',
      '\r\n',
      '\ufeff',
      ':',
      '[',
    );
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.oneof(parts, fc.string({ maxLength: 9 })), { maxLength: 20 })
        .map((p) => p.join('')),
    );
    fc.assert(
      fc.property(anyText, (text) => expectVerdict(schema, text)),
      { numRuns: RUNS },
    );
  });
});
