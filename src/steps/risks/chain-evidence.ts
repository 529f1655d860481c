import type { Knowledge } from '../../domain/knowledge/knowledge';
import type { Position } from '../../domain/knowledge/risk-document';
import type { Evidence } from '../../domain/risk';
import type { ChainEdge, ServiceChain } from '../../domain/service-chain';
import { cleanText } from '../text/sanitize-text';
import { GENERAL_KIND, kindOfExternal, profileOf, technologiesOf } from '../knowledge/lookup';
import { ASYNC } from '../knowledge/service-kind';

/** Edges that become evidence: the service's own first, then the busiest. The issue has the whole chain as well. */
const MAX_EDGES = 60;
/** Most facts cited for one dependency; more do not make it clearer. */
const MAX_SHOWN = 3;

type Ids<Key> = Map<Key, string[]>;
export type ChainFacts = {
  evidence: Evidence[];
  positions: Ids<Position>;
  /** Technology (and what it extends) → what shows that the service depends on it. */
  dependsOn: Ids<string>;
};

/** The place of the service in its chain and what it depends on, from its traces and its profile. */
export function chainFacts(
  { service, chain }: { service: string; chain: ServiceChain | null },
  knowledge: Knowledge,
): ChainFacts {
  const edges = ownFirst(service, merged(chain?.edges ?? []));
  const facts: ChainFacts = {
    evidence: edges.slice(0, MAX_EDGES).map(evidenceOf),
    positions: new Map(),
    dependsOn: new Map(),
  };
  const outside = new Set(
    chain?.nodes.filter(({ kind }) => kind !== 'service').map(({ id }) => id),
  );
  const callers = edges.filter(({ callee }) => callee === service);
  const callees = edges.filter(({ caller }) => caller === service);
  const own = [...callers, ...callees];
  place(facts, 'has_upstream', callers);
  place(facts, 'has_downstream', callees);
  place(
    facts,
    'has_async',
    own.filter(({ via }) => ASYNC.has(via)),
  );
  place(
    facts,
    'has_external',
    callees.filter(({ callee }) => outside.has(callee)),
  );
  placeAtEnds(facts, { service, chain, callers, callees });
  for (const edge of callees) depend(facts, edge.callee, idOf(edge), knowledge);
  // Whoever writes to or reads from a broker depends on it, though no call of the chain ends there.
  for (const edge of own)
    for (const system of edge.systems ?? []) depend(facts, system, idOf(edge), knowledge);
  for (const callee of profileOf(service, knowledge)?.depends_on ?? []) {
    const id = `profile:${clean(service)}->${clean(callee)}`;
    facts.evidence.push({ id, says: `the profile of ${clean(service)} names ${clean(callee)}` });
    depend(facts, callee, id, knowledge);
  }
  return facts;
}

/** Only a whole chain shows that nobody calls, or is called. */
function placeAtEnds(
  facts: ChainFacts,
  {
    service,
    chain,
    callers,
    callees,
  }: { service: string; chain: ServiceChain | null; callers: ChainEdge[]; callees: ChainEdge[] },
): void {
  const say = (position: Position, says: string) => {
    const id = `chain:${position}`;
    facts.evidence.push({ id, says: `${clean(service)} ${says}` });
    facts.positions.set(position, [id]);
  };
  if (callers.length > 1) say('shared_dependency', `is called by ${callers.length} services`);
  if (chain?.status !== 'ok') return;
  if (callers.length === 0) say('entry', 'is called by no service');
  if (callees.length === 0) say('leaf', 'calls nothing');
}

function place(facts: ChainFacts, position: Position, edges: readonly ChainEdge[]): void {
  const ids = edges.slice(0, MAX_SHOWN).map(idOf);
  // Every edge that is cited must be among the evidence.
  const known = new Set(facts.evidence.map(({ id }) => id));
  facts.evidence.push(
    ...edges
      .slice(0, MAX_SHOWN)
      .filter((e) => !known.has(idOf(e)))
      .map(evidenceOf),
  );
  if (ids.length > 0) facts.positions.set(position, ids);
}

function depend(facts: ChainFacts, callee: string, id: string, knowledge: Knowledge): void {
  const kind = profileOf(callee, knowledge)?.kind ?? kindOfExternal(callee, knowledge);
  if (kind === undefined) return;
  for (const { id: technology } of technologiesOf(kind, knowledge)) {
    if (technology === GENERAL_KIND) continue;
    const shown = facts.dependsOn.get(technology) ?? [];
    if (shown.length < MAX_SHOWN && !shown.includes(id))
      facts.dependsOn.set(technology, [...shown, id]);
  }
}

/** One edge for each caller and callee; where one of several ways is asynchronous, the edge counts as such. */
function merged(edges: readonly ChainEdge[]): ChainEdge[] {
  const byEnds = new Map<string, ChainEdge>();
  for (const edge of edges) {
    if (edge.caller === edge.callee) continue;
    const key = JSON.stringify([edge.caller, edge.callee]);
    const other = byEnds.get(key);
    if (other === undefined) byEnds.set(key, edge);
    else
      byEnds.set(key, {
        ...other,
        calls: other.calls + edge.calls,
        errors: other.errors === null || edge.errors === null ? null : other.errors + edge.errors,
        via: ASYNC.has(edge.via) ? edge.via : other.via,
        ...systemsOf(other, edge),
      });
  }
  return [...byEnds.values()];
}

function systemsOf(...edges: ChainEdge[]): Pick<ChainEdge, 'systems'> {
  const systems = [...new Set(edges.flatMap((edge) => edge.systems ?? []))].sort();
  return systems.length > 0 ? { systems } : {};
}

function ownFirst(service: string, edges: ChainEdge[]): ChainEdge[] {
  const rank = ({ caller, callee }: ChainEdge) =>
    caller === service || callee === service ? 0 : 1;
  return edges.sort(
    (a, b) => rank(a) - rank(b) || b.calls - a.calls || (idOf(a) < idOf(b) ? -1 : 1),
  );
}

const clean = (text: string): string => cleanText(text, 128);
const idOf = ({ caller, callee }: ChainEdge): string => `chain:${clean(caller)}->${clean(callee)}`;
const evidenceOf = (edge: ChainEdge): Evidence => ({
  id: idOf(edge),
  says: `${clean(edge.caller)} calls ${clean(edge.callee)} (${[edge.via, ...(edge.systems ?? [])].map(clean).join(', ')}): ${edge.calls} calls, ${errorsOf(edge)} in the sample`,
});

function errorsOf({ calls, errors }: ChainEdge): string {
  if (errors === null) return 'unknown errors';
  const share =
    calls > 0 && errors > 0 ? ` (${Number(((100 * errors) / calls).toFixed(1))} %)` : '';
  return `${errors} errors${share}`;
}
