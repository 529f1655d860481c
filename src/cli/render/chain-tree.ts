import type { ChainEdge, ChainNode, ServiceChain } from '../../domain/service-chain';

/** One line of the tree: a node, and the edge that connects it to its parent. */
export type ChainLine = {
  node: ChainNode;
  edge: ChainEdge;
  /** Whether each level above is the last of its siblings, outermost first; the own level included. */
  last: boolean[];
  /** Its own callers or callees are drawn at another line. */
  repeated: boolean;
};
export type Direction = 'upstream' | 'downstream';

/**
 * The chain's graph as a tree of one direction. Each node is drawn in full once, at the place nearest to the service;
 * where more edges lead to it, it is a leaf. At most `limit` lines; `more` counts the nodes left out, the
 * farthest and least called first.
 */
export function chainTree(
  chain: ServiceChain,
  direction: Direction,
  limit: number,
): { lines: ChainLine[]; more: number } {
  const children = childrenOf(chain, direction);
  const { homes, left } = chooseNodes(chain.service, children, limit);
  const nodes = new Map(chain.nodes.map((node) => [node.id, node]));
  const lines: ChainLine[] = [];
  let repeats = limit - homes.size;
  const visit = (id: string, above: boolean[]): void => {
    const shown = (children.get(id) ?? []).filter(({ far }) => {
      if (homes.get(far) === id) return true;
      // A service that its callers' callers call back is not above itself.
      if (far === chain.service) return false;
      // Leaves that repeat a node take what lines are left; a node that is not drawn is counted.
      const repeat = homes.has(far) && repeats > 0;
      if (repeat) repeats -= 1;
      return repeat;
    });
    shown.forEach(({ far, edge }, i) => {
      const last = [...above, i === shown.length - 1];
      const repeated = homes.get(far) !== id;
      lines.push({ node: nodes.get(far) ?? { id: far, kind: 'service' }, edge, last, repeated });
      if (!repeated) visit(far, last);
    });
  };
  visit(chain.service, []);
  return { lines, more: left };
}

type Child = { far: string; edge: ChainEdge };

/** The children of each node, the most called first. Edges between callers and callees of the service belong to neither direction. */
function childrenOf(chain: ServiceChain, direction: Direction): Map<string, Child[]> {
  const services = new Set(chain[direction].map(({ service }) => service));
  const inside = new Set([chain.service, ...services]);
  const stores = new Set(chain.nodes.filter(({ kind }) => kind !== 'service').map(({ id }) => id));
  const children = new Map<string, Child[]>();
  for (const edge of chain.edges) {
    const { caller, callee } = edge;
    const [near, far] = direction === 'upstream' ? [callee, caller] : [caller, callee];
    if (!inside.has(near) || !(inside.has(far) || stores.has(far))) continue;
    const siblings = children.get(near);
    if (siblings === undefined) children.set(near, [{ far, edge }]);
    else siblings.push({ far, edge });
  }
  for (const siblings of children.values()) {
    siblings.sort((a, b) => estimate(b.edge) - estimate(a.edge) || (a.far < b.far ? -1 : 1));
  }
  return children;
}

/** Breadth first: the nearest nodes get the lines; `homes` says under which node each is drawn in full. */
function chooseNodes(
  start: string,
  children: ReadonlyMap<string, Child[]>,
  limit: number,
): { homes: Map<string, string>; left: number } {
  const homes = new Map<string, string>();
  const seen = new Set([start]);
  const queue = [start];
  for (const id of queue) {
    for (const { far } of children.get(id) ?? []) {
      if (seen.has(far)) continue;
      seen.add(far);
      queue.push(far);
      if (homes.size < limit) homes.set(far, id);
    }
  }
  return { homes, left: seen.size - 1 - homes.size };
}

const estimate = ({ calls, scale }: ChainEdge): number => calls * scale;
