import dagre from '@dagrejs/dagre';
import { line } from 'd3-shape';
import type { VNode } from 'preact';
import { h } from './page-elements';
import type { RiskPredictionDetails } from '../../../domain/risk';
import { failingEdges } from '../../../steps/service-chain/failing-edges';
import type { Texts } from '../../texts/texts';
import { share } from '../chain-labels';
import { columnsOf, cut } from '../terminal-text';

/** A larger graph is a tangle; the calls are also in a table. */
const MAX_EDGES = 40;
const MAX_NAME = 24;
const NODE_HEIGHT = 34;
const COLUMN = 7.6;

type Point = { x: number; y: number };
type Edge = RiskPredictionDetails['chain']['edges'][number];

/** The calls between services from left to right, with failing calls marked; empty without calls. */
export function chainGraph(
  { service, chain }: RiskPredictionDetails,
  { t }: Texts,
): VNode | undefined {
  const edges = [...chain.edges].sort((a, b) => b.calls - a.calls).slice(0, MAX_EDGES);
  if (edges.length === 0) return undefined;
  const failing = new Set(
    failingEdges({ service, edges }).map(({ caller, callee }) => `${caller}\n${callee}`),
  );
  const graph = laidOut(edges);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const box = `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`;
  const label = t('chain.graph', { service });
  return h(
    'svg',
    {
      class: 'graph',
      viewBox: box,
      width: Math.ceil(width),
      height: Math.ceil(height),
      role: 'img',
      'aria-label': label,
    },
    ...edges.flatMap((edge) =>
      edgeMark(edge, graph, failing.has(`${edge.caller}\n${edge.callee}`)),
    ),
    ...graph
      .nodes()
      .map((id) => nodeMark(id, graph.node(id) as Point & { width: number }, service)),
  );
}

function laidOut(edges: readonly Edge[]) {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 80, marginx: 4, marginy: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const id of new Set(edges.flatMap(({ caller, callee }) => [caller, callee]))) {
    const width = Math.max(70, columnsOf(cut(id, MAX_NAME)) * COLUMN + 20);
    graph.setNode(id, { width, height: NODE_HEIGHT });
  }
  for (const { caller, callee } of edges) graph.setEdge(caller, callee);
  dagre.layout(graph);
  return graph;
}

const path = line<Point>(
  ({ x }) => x,
  ({ y }) => y,
).digits(1);

function edgeMark(edge: Edge, graph: ReturnType<typeof laidOut>, fails: boolean): VNode[] {
  const { points = [] } = graph.edge(edge.caller, edge.callee) as { points?: Point[] };
  const end = points.at(-1);
  const middle = points[Math.floor(points.length / 2)];
  const arrow =
    end === undefined
      ? ''
      : `M${end.x - 6} ${end.y - 4}L${end.x} ${end.y}L${end.x - 6} ${end.y + 4}`;
  const marks: VNode[] = [
    h('path', { class: fails ? 'edge failing' : 'edge', d: `${path(points) ?? ''}${arrow}` }),
  ];
  if (fails && middle !== undefined && edge.errors !== null) {
    const place = { class: 'failed', x: middle.x, y: middle.y - 5, 'text-anchor': 'middle' };
    marks.push(h('text', place, `✗ ${share(edge.errors, edge.calls)}`));
  }
  return marks;
}

function nodeMark(id: string, { x, y, width }: Point & { width: number }, service: string): VNode {
  return h(
    'g',
    {},
    h('rect', {
      class: id === service ? 'node self' : 'node',
      x: (x - width / 2).toFixed(1),
      y: (y - NODE_HEIGHT / 2).toFixed(1),
      width: width.toFixed(1),
      height: NODE_HEIGHT,
      rx: 5,
    }),
    h(
      'text',
      { class: 'name', x: x.toFixed(1), y: (y + 4).toFixed(1), 'text-anchor': 'middle' },
      cut(id, MAX_NAME),
    ),
  );
}
