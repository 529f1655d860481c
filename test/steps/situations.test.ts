import path from 'node:path';
import { loadKnowledge } from '../../src/adapters/knowledge';
import type { Knowledge } from '../../src/domain/knowledge/knowledge';
import { predictFromKnowledge } from '../../src/steps/risk-prediction';
import { situationOf } from '../../src/steps/risk-situation';
import { loadSituations, type SituationCase } from '../fixtures/situation';
import { chain } from '../fixtures/outcomes';

let knowledge: Knowledge;
beforeAll(async () => {
  const loaded = await loadKnowledge(path.resolve(__dirname, '../../knowledge'));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  knowledge = loaded.knowledge;
});

/** The knowledge base with the profiles that the situation tells of. */
function withProfiles(situation: SituationCase): Knowledge {
  const { service, kind, profile_depends_on: depends_on, other_kinds: others } = situation;
  const profile = (name: string, of: string, callees: string[] = []) => ({
    service: name,
    kind: of,
    description: name,
    depends_on: callees,
    risks: [],
    pinned_metrics: [],
    path: '',
    prose: '',
  });
  const services = Object.entries(others).map(([name, of]) => profile(name, of));
  if (kind !== undefined) services.push(profile(service, kind, depends_on));
  return { ...knowledge, services };
}

function chainOf({ service, chain: edges }: SituationCase) {
  if (edges === undefined) return null;
  const external = new Set(edges.filter((edge) => edge.external).map(({ to }) => to));
  const ids = new Set([service, ...edges.flatMap(({ from, to }) => [from, to])]);
  return {
    ...chain,
    service,
    nodes: [...ids].map((id) => ({
      id,
      kind: external.has(id) ? ('external' as const) : ('service' as const),
    })),
    edges: edges.map(({ from: caller, to: callee, via }) => ({
      caller,
      callee,
      via,
      calls: 100,
      errors: 0,
      scale: 1,
    })),
  };
}

function predict(situation: SituationCase): string[] {
  const base = withProfiles(situation);
  const total = Object.values(situation.versions).reduce((sum, n) => sum + n, 0);
  const facts = {
    service: situation.service,
    candidate: situation.candidate,
    versions: situation.versions,
    hosts: situation.hosts ?? total,
    chain: chainOf(situation),
    history: situation.history.map(({ candidate, revisions, outcome }) => ({
      issue_id: `${situation.service}-${candidate}`,
      candidate,
      revision: revisions,
      created_at: '2025-08-25T16:17:24+08:00',
      warnings: 0,
      ...(outcome !== undefined && { outcome }),
    })),
    metrics: [],
  };
  return predictFromKnowledge(situationOf(facts, base), base).risks.map(({ type }) => type);
}

const situations = loadSituations();

it('has each situation once', () => {
  expect(new Set(situations.map(({ id }) => id)).size).toBe(situations.length);
});

it.each(situations)('$id: what must be predicted is, and what must not is not', (situation) => {
  const types = predict(situation);
  expect(types).toEqual(expect.arrayContaining(situation.must));
  expect(types.filter((type) => situation.must_not.includes(type))).toEqual([]);
});
