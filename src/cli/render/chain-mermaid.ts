import type { ChainEdge, ChainNode, ServiceChain } from '../../domain/service-chain';
import { share } from './chain-labels';
import { mermaidText as label } from './mermaid-text';

/** Mermaid refuses diagrams of more than 500 edges or 50,000 characters; these stay below both with names of usual length. */
const MAX_EDGES = 300;

/** The chain as a Mermaid flowchart: services as boxes, stores as cylinders, unresolved callees as hexagons. */
export function chainMermaid(chain: ServiceChain): string {
  const edges = chain.edges.slice(0, MAX_EDGES);
  const drawn = new Set([
    chain.service,
    ...edges.flatMap(({ caller, callee }) => [caller, callee]),
  ]);
  const linked = new Set(chain.edges.flatMap(({ caller, callee }) => [caller, callee]));
  // Nodes whose direction is not known have no edge at all; they are drawn as long as there is room.
  const alone = chain.nodes.filter(({ id }) => !linked.has(id)).slice(0, MAX_EDGES);
  for (const { id } of alone) drawn.add(id);
  const nodes = new Map(chain.nodes.map((node) => [node.id, node]));
  const ids = new Map([...drawn].map((name, i) => [name, `n${i}`]));
  return [
    'flowchart LR',
    ...[...ids].map(([name, id]) => `  ${id}${shape(nodes.get(name) ?? service(name))}`),
    ...edges.map((edge) => `  ${ids.get(edge.caller)} ${arrow(edge)} ${ids.get(edge.callee)}`),
    '  classDef target stroke-width:3px',
    '  class n0 target',
    ...(edges.length < chain.edges.length
      ? [`  %% ${chain.edges.length - edges.length} more edges; --json has all`]
      : []),
  ].join('\n');
}

const service = (id: string): ChainNode => ({ id, kind: 'service' });

function shape({ id, kind, candidates = [] }: ChainNode): string {
  const name = label(id);
  switch (kind) {
    case 'service':
      return `["${name}"]`;
    case 'external':
      return `[("${name}")]`;
    case 'unresolved':
      return `{{"${name}${candidates.length > 0 ? `<br/>could be ${label(candidates.join(', '))}` : ''}"}}`;
  }
}

/** A dotted arrow for an asynchronous or uncertain call. */
function arrow({ via, calls, errors, scale, last_seen }: ChainEdge): string {
  const text = [
    via,
    `${Math.round(calls * scale)}`,
    ...(errors ? [`${share(errors, calls)} errors`] : []),
    ...(last_seen === undefined ? [] : [`last seen ${last_seen.slice(0, 10)}`]),
  ].join(' · ');
  return `${via === 'sync' ? '-->' : '-.->'}|"${label(text)}"|`;
}
