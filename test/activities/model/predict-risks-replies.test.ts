import fc from 'fast-check';
import { predictRisks, type PredictRisksArgs } from '../../../src/activities/predict-risks';
import { createModel } from '../../../src/adapters/model/model';
import type { ModelFault } from '../../../src/domain/model-fault';
import { RiskPrediction } from '../../../src/domain/risk';
import { longChain, riskDeps } from '../../fixtures/risks/risk-deps';
import { newFolder } from '../../adapters/model/fixture';
import { completion, sendJson, serveModel, type Behaviour } from '../../fixtures/servers/model';

jest.setTimeout(120_000);

type Case = {
  kind: string;
  behaviour: Behaviour;
  /** What the last answer may be called; empty: it counts. */
  faults: ModelFault[];
};
const says =
  (content: unknown, more = {}): Behaviour =>
  (call, response) =>
    sendJson(response, completion(call, { content }, more));

const risk = fc.record({
  id: fc.constantFrom('memory-leak', 'latency', 'config-drift'),
  severity: fc.constantFrom('low', 'medium', 'high', 'critical'),
  likelihood: fc.constantFrom('low', 'medium', 'high'),
  evidence: fc.array(fc.oneof(fc.constantFrom('change:minor', 'fleet:7'), fc.string())),
  reason: fc.string({ unit: 'binary', maxLength: 400 }),
});
const proposal = fc.record({ risks: fc.array(risk, { minLength: 1, maxLength: 5 }) });
const json = proposal.map((value) => JSON.stringify(value));
const word = fc.stringMatching(/^[a-z ]{0,30}$/);
const cases = (kind: string, faults: ModelFault[], contents: fc.Arbitrary<unknown>) =>
  contents.map((content): Case => ({ kind, faults, behaviour: says(content) }));

const anyCase: fc.Arbitrary<Case> = fc.oneof(
  cases('good', [], json),
  cases(
    'prose around it',
    [],
    fc.tuple(word, json, word).map(([a, b, c]) => `${a}\n${b}\n${c}`),
  ),
  cases(
    'fenced',
    [],
    json.map((text) => `\`\`\`json\n${text}\n\`\`\``),
  ),
  cases(
    'thought about',
    [],
    json.map((text) => `<think>{"risks": hm</think>${text}`),
  ),
  cases(
    'repeated',
    [],
    json.map((text) => `${text}\n${text}`),
  ),
  cases(
    'repeating one risk',
    [],
    risk.map((one) => JSON.stringify({ risks: Array(300).fill(one) })),
  ),
  cases(
    'contradicting in one answer',
    [],
    risk.map((one) =>
      JSON.stringify({
        risks: [
          { ...one, severity: 'critical' },
          { ...one, severity: 'low' },
        ],
      }),
    ),
  ),
  cases(
    'two answers that differ',
    ['not_json'],
    json.map((text) => `${text}\n{"risks":[]}`),
  ),
  cases(
    'truncated',
    ['not_json', 'schema', 'blank'],
    fc
      .tuple(json, fc.double({ min: 0, max: 0.99, noNaN: true }))
      .map(([text, part]) => text.slice(0, Math.floor(text.length * part))),
  ),
  json.map((text): Case => ({
    kind: 'cut at the limit',
    faults: ['length'],
    behaviour: says(text.slice(0, -2), { finish_reason: 'length' }),
  })),
  cases(
    'extra keys',
    ['schema'],
    fc
      .tuple(proposal, fc.constantFrom('mitigation', '__proto__', 'hosts'), fc.jsonValue())
      .map(([value, key, more]) =>
        JSON.stringify(value).replace(
          '{',
          () => `{${JSON.stringify(key)}:${JSON.stringify(more)},`,
        ),
      ),
  ),
  cases(
    'wrong ids',
    ['unknown_ids'],
    fc
      .array(risk, { minLength: 1, maxLength: 5 })
      .map((risks) =>
        JSON.stringify({ risks: risks.map((one) => ({ ...one, id: `${one.id}; DROP` })) }),
      ),
  ),
  cases(
    'wrong types',
    ['schema'],
    fc
      .tuple(
        risk,
        fc.constantFrom('id', 'severity', 'evidence', 'reason'),
        fc.constantFrom(7, null, {}, [1]),
      )
      .map(([one, key, value]) => JSON.stringify({ risks: [{ ...one, [key]: value }] })),
  ),
  cases('empty', ['blank'], fc.constantFrom('', ' ', '\n\n', null, '\uFEFF', '```\n```')),
  cases(
    'any JSON',
    ['schema', 'blank'],
    fc.json().filter((text) => !text.includes('risks')),
  ),
  cases('any text', ['not_json', 'schema', 'blank'], fc.string({ unit: 'binary' })),
  cases(
    'huge',
    ['not_json'],
    fc.integer({ min: 1e5, max: 1e6 }).map((n) => 'huge {"'.repeat(n / 7)),
  ),
  cases(
    'another form',
    ['blank', 'not_json', 'schema'],
    fc.constantFrom([], [{ type: 'text' }], [{ text: '{}' }]),
  ),
  fc.constantFrom<Case>(
    {
      kind: 'a refusal',
      faults: ['refusal'],
      behaviour: (c, r) => sendJson(r, completion(c, { refusal: 'no' })),
    },
    {
      kind: 'a filter',
      faults: ['content_filter'],
      behaviour: says('', { finish_reason: 'content_filter' }),
    },
    { kind: 'a refused key', faults: ['rejected'], behaviour: (_c, r) => sendJson(r, {}, 401) },
  ),
);

const args: PredictRisksArgs = {
  ...{ service: 'user-service', version: 'v1.1.0', currentVersions: { 'v1.0.0': 7 }, hosts: 7 },
  chain: longChain(6),
};

it('makes a valid result of 500 fuzzed replies, each bad one called by its name, and loses no risk to any', async () => {
  let now: Case | undefined;
  const server = await serveModel((call, response) => now?.behaviour(call, response));
  const folder = newFolder();
  const model = createModel({
    ...{ baseUrl: server.url, model: 'm', structuredOutput: 'json_schema', runTokens: 60_000 },
    cacheDir: '/dev/null/none',
  });
  const without = (await predictRisks(await riskDeps(undefined, folder), args)).result.details;
  const deps = await riskDeps(model, folder);
  const plans = new Map(deps.knowledge.risks.map((r) => [r.type, r.mitigation.action]));
  const met = new Map<string, number>();
  const check = async (one: Case) => {
    now = one;
    met.set(one.kind, (met.get(one.kind) ?? 0) + 1);
    const { result } = await predictRisks(deps, args);
    const { risks, reasoning } = RiskPrediction.parse(result).details;
    const mandatory = without.risks.filter(({ knowledge: [id] }) =>
      deps.knowledge.risks.some((r) => r.id === id && r.mandatory),
    );
    for (const { type } of mandatory) expect(risks.map((r) => r.type)).toContain(type);
    for (const { type, mitigation } of risks) expect(mitigation).toBe(plans.get(type));
    expect(reasoning.calls).toBeLessThanOrEqual(3);
    if (one.faults.length === 0) {
      expect([one.kind, reasoning.mode, reasoning.faults]).toEqual([one.kind, 'model', undefined]);
    } else {
      expect(reasoning.mode).toBe('knowledge');
      expect(risks.map(({ type, severity }) => [type, severity])).toEqual(
        without.risks.map(({ type, severity }) => [type, severity]),
      );
      expect(reasoning.faults).toHaveLength(reasoning.calls ?? 0);
      for (const fault of reasoning.faults ?? []) expect(one.faults).toContain(fault);
    }
  };
  try {
    await fc.assert(fc.asyncProperty(anyCase, check), {
      seed: 20260105,
      numRuns: 500,
      endOnFailure: true,
    });
  } finally {
    await server.stop();
  }
  // Each kind was met; the counts add up to all replies.
  expect([...met.values()].reduce((a, b) => a + b)).toBe(500);
  expect(met.size).toBeGreaterThanOrEqual(19);
});
