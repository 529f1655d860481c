/** SANDBOX: evaluates the part of PromQL that our rules use, over synthetic series; not a PromQL engine. */
import { parser } from '@prometheus-io/lezer-promql';

import { averageOver, OVER_TIME, rangeOf } from './over-time';
import { METRICS, seriesOf, type SandboxSeries } from './series';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];
export type Labels = Record<string, string>;
export type Vector = { labels: Labels; value: number }[];
/** An expression that was read once; its value at a time, in Unix seconds. */
export type Evaluation = (at: number) => Vector;
export class Unsupported extends Error {}

type Scope = { text: string; series: readonly SandboxSeries[] };

/** Without a fault. */
const CALM_SERIES = seriesOf(METRICS);

/** Reads an expression once for all the points of a range; throws Unsupported for what the stand-in does not know. */
export function compile(text: string, series: readonly SandboxSeries[] = CALM_SERIES): Evaluation {
  const top = parser.parse(text).topNode.firstChild;
  if (top === null || top.type.isError) throw new Unsupported('parse error');
  return evaluationOf(top, { text, series });
}

const textOf = (node: SyntaxNode, { text }: Scope): string => text.slice(node.from, node.to);

function evaluationOf(node: SyntaxNode, scope: Scope): Evaluation {
  const children = childrenOf(node);
  switch (node.name) {
    case 'ParenExpr':
      return evaluationOf(need(children[0]), scope);
    case 'NumberDurationLiteral': {
      const vector = [{ labels: {}, value: Number(textOf(node, scope)) }];
      return () => vector;
    }
    case 'VectorSelector': {
      const series = unnamedSeries(node, scope);
      return (time) => series.map(({ labels, at }) => ({ labels, value: at(time) }));
    }
    case 'AggregateExpr':
      return aggregate(node, scope);
    case 'FunctionCall':
      return call(node, scope);
    case 'BinaryExpr':
      return binary(children, scope);
    default:
      throw new Unsupported(`the sandbox does not evaluate ${node.name}`);
  }
}

function binary(children: SyntaxNode[], scope: Scope): Evaluation {
  const leftOf = evaluationOf(need(children[0]), scope);
  const rightOf = evaluationOf(need(children.at(-1)), scope);
  const operator = children[1]?.name ?? '';
  if (operator === 'Or') {
    return (at) => {
      const left = leftOf(at);
      const have = new Set(left.map(({ labels }) => keyOf(labels)));
      return [...left, ...rightOf(at).filter(({ labels }) => !have.has(keyOf(labels)))];
    };
  }
  if (operator === 'And') {
    const on = children.find(({ name }) => name === 'MatchingModifierClause');
    const names = on?.getChild('GroupingLabels')?.getChildren('LabelName') ?? [];
    const groupOf = grouping(names.map((label) => textOf(label, scope)));
    const matchOf = (labels: Labels) => keyOf(on === undefined ? labels : groupOf(labels));
    return (at) => {
      const have = new Set(rightOf(at).map(({ labels }) => matchOf(labels)));
      return leftOf(at).filter(({ labels }) => have.has(matchOf(labels)));
    };
  }
  const isScalar = (node: SyntaxNode | undefined) => node?.name === 'NumberDurationLiteral';
  const [scalarLeft, scalarRight] = [isScalar(children[0]), isScalar(children.at(-1))];
  return (at) => {
    const [left, right] = [leftOf(at), rightOf(at)];
    const partner = (side: Vector, labels: Labels, scalar: boolean) =>
      scalar ? side[0] : side.find((sample) => keyOf(sample.labels) === keyOf(labels));
    return (scalarLeft ? right : left).flatMap(({ labels }) => {
      const a = partner(left, labels, scalarLeft);
      const b = partner(right, labels, scalarRight);
      if (a === undefined || b === undefined) return [];
      const value = operate(operator, a.value, b.value);
      return value === null ? [] : [{ labels, value }];
    });
  };
}

function operate(operator: string, a: number, b: number): number | null {
  switch (operator) {
    case 'Add':
      return a + b;
    case 'Sub':
      return a - b;
    case 'Mul':
      return a * b;
    case 'Div':
      return a / b;
    case 'Gtr':
      return a > b ? a : null;
    case 'Lss':
      return a < b ? a : null;
    default:
      throw new Unsupported(`the sandbox does not evaluate ${operator}`);
  }
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const REDUCE: Record<string, (values: number[]) => number> = {
  sum,
  avg: (values) => sum(values) / values.length,
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  count: (values) => values.length,
};

function aggregate(node: SyntaxNode, scope: Scope): Evaluation {
  const operator = textOf(need(node.getChild('AggregateOp')), scope).toLowerCase();
  const by =
    node.getChild('AggregateModifier')?.getChild('GroupingLabels')?.getChildren('LabelName') ?? [];
  const groupOf = grouping(by.map((label) => textOf(label, scope)));
  const inputOf = evaluationOf(need(node.getChild('FunctionCallBody')?.firstChild), scope);
  const reduce = REDUCE[operator];
  if (reduce === undefined) throw new Unsupported(`the sandbox does not evaluate ${operator}`);
  return (at) => {
    const groups = new Map<Labels, number[]>();
    for (const { labels, value } of inputOf(at)) {
      const group = groupOf(labels);
      const values = groups.get(group);
      if (values === undefined) groups.set(group, [value]);
      else values.push(value);
    }
    return [...groups].map(([labels, values]) => ({ labels, value: reduce(values) }));
  };
}

/** Labels → the labels of their group, the same object for the same group. */
function grouping(names: string[]): (labels: Labels) => Labels {
  const groups = new Map<string, Labels>();
  const known = new WeakMap<Labels, Labels>();
  return (labels) => {
    const found = known.get(labels);
    if (found !== undefined) return found;
    const kept = Object.fromEntries(
      names.flatMap((name) => (labels[name] ? [[name, labels[name]]] : [])),
    );
    const group = groups.get(keyOf(kept)) ?? kept;
    groups.set(keyOf(group), group);
    known.set(labels, group);
    return group;
  };
}

function call(node: SyntaxNode, scope: Scope): Evaluation {
  const name = textOf(need(node.getChild('FunctionIdentifier')), scope);
  const args = childrenOf(need(node.getChild('FunctionCallBody')));
  if (name === 'histogram_quantile') {
    const q = Number(textOf(need(args[0]), scope));
    const bucketsOf = evaluationOf(need(args[1]), scope);
    return (at) => quantile(q, bucketsOf(at));
  }
  const matrix = need(args[0]);
  if (name === 'avg_over_time' && matrix.name === 'SubqueryExpr') {
    const inner = evaluationOf(need(matrix.firstChild), scope);
    return averageOver(inner, rangeOf(textOf(matrix, scope)), keyOf);
  }
  if (matrix.name !== 'MatrixSelector')
    throw new Unsupported(`the sandbox does not evaluate ${name} of it`);
  const { window } = rangeOf(textOf(matrix, scope));
  const series = unnamedSeries(need(matrix.firstChild), scope);
  const apply = OVER_TIME[name];
  if (apply === undefined) throw new Unsupported(`the sandbox does not evaluate ${name}`);
  return (time) => series.map(({ labels, at }) => ({ labels, value: apply(at, time, window) }));
}

/** Linear inside the bucket, as Prometheus does it. */
function quantile(q: number, buckets: Vector): Vector {
  const sorted = buckets
    .map(({ labels, value }) => ({
      bound: labels['le'] === '+Inf' ? Infinity : Number(labels['le']),
      value,
    }))
    .sort((a, b) => a.bound - b.bound);
  const rank = q * (sorted.at(-1)?.value ?? 0);
  const index = sorted.findIndex(({ value }) => value >= rank);
  const bucket = sorted[index];
  if (bucket === undefined) return [];
  const below = sorted[index - 1] ?? { bound: 0, value: 0 };
  if (bucket.bound === Infinity) return [{ labels: {}, value: below.bound }];
  const share = (rank - below.value) / (bucket.value - below.value || 1);
  return [{ labels: {}, value: below.bound + (bucket.bound - below.bound) * share }];
}

/** Without the metric's name, as every result but a selector's alone has them. */
const unnamedSeries = (node: SyntaxNode, scope: Scope): SandboxSeries[] =>
  select(node, scope).map(({ labels, at }) => ({ labels: unnamed(labels), at }));

/** The series that a selector matches. */
function select(node: SyntaxNode, scope: Scope): SandboxSeries[] {
  const tests: ((labels: Labels) => boolean)[] = [];
  const name = node.getChild('Identifier');
  if (name !== null) tests.push((labels) => labels['__name__'] === textOf(name, scope));
  for (const matcher of node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
    const [label, operator, literal] = childrenOf(matcher).map((child) => textOf(child, scope));
    const value = unquote(literal ?? '""');
    const equal = (text: string) =>
      // The demo asks this stand-in its own queries alone.
      // eslint-disable-next-line no-restricted-syntax
      operator?.includes('~') ? new RegExp(`^(?:${value})$`).test(text) : text === value;
    tests.push((labels) => equal(labels[label ?? ''] ?? '') !== operator?.startsWith('!'));
  }
  return scope.series.filter(({ labels }) => tests.every((test) => test(labels)));
}

/** The series of a `match[]` parameter. */
export function match(text: string, series: readonly SandboxSeries[]): SandboxSeries[] {
  const node = parser.parse(text).topNode.firstChild;
  if (node?.name !== 'VectorSelector') throw new Unsupported(`no series selector: ${text}`);
  return select(node, { text, series });
}

const childrenOf = (node: SyntaxNode): SyntaxNode[] => {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
};
function need(node: SyntaxNode | null | undefined): SyntaxNode {
  if (node === null || node === undefined || node.type.isError)
    throw new Unsupported('parse error');
  return node;
}
const unquote = (literal: string): string =>
  literal.startsWith('"')
    ? literal.slice(1, -1).replace(/\\n/g, '\n').replace(/\\(.)/g, '$1')
    : literal.slice(1, -1);
const KEYS = new WeakMap<Labels, string>();
/** Made once for labels that come with every point. */
export function keyOf(labels: Labels): string {
  const known = KEYS.get(labels);
  if (known !== undefined) return known;
  const key = JSON.stringify(Object.entries(labels).sort());
  KEYS.set(labels, key);
  return key;
}
const unnamed = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => name !== '__name__'));
