import type { Measured } from './measure';
import type { KnownEdge } from './spans';

export type Score = {
  services: number;
  /** Edges between services in the union of the chains, and those that no call of the data made. */
  found: number;
  wrong: string[];
  reversed: string[];
  /** Known edges of the looked-at services with at least `floor` calls of which both spans were kept. */
  expected: number;
  missed: KnownEdge[];
  precision: number;
  recall: number;
};

const keyOf = (caller: string, callee: string): string => `${caller} -> ${callee}`;

/** The union of the chains against the known edges. */
export function score(
  measured: readonly Measured[],
  known: readonly KnownEdge[],
  floor: number,
): Score {
  const truth = new Set(known.map(({ caller, callee }) => keyOf(caller, callee)));
  const found = new Set(measured.flatMap(({ chain }) => edgesOf(chain)));
  const wrong = [...found].filter((edge) => !truth.has(edge));
  const reversed = wrong.filter((edge) => truth.has(edge.split(' -> ').reverse().join(' -> ')));
  const looked = new Set(measured.map(({ service }) => service));
  const expected = known.filter(
    ({ caller, callee, paired }) => paired >= floor && (looked.has(caller) || looked.has(callee)),
  );
  const missed = expected.filter(({ caller, callee }) => !found.has(keyOf(caller, callee)));
  return {
    services: looked.size,
    found: found.size,
    wrong,
    reversed,
    expected: expected.length,
    missed,
    precision: found.size === 0 ? 0 : 1 - wrong.length / found.size,
    recall: expected.length === 0 ? 1 : 1 - missed.length / expected.length,
  };
}

function edgesOf({ nodes, edges }: Measured['chain']): string[] {
  const services = new Set(nodes.filter(({ kind }) => kind === 'service').map(({ id }) => id));
  return edges
    .filter(({ caller, callee }) => services.has(caller) && services.has(callee))
    .map(({ caller, callee }) => keyOf(caller, callee));
}
