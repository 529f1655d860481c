/** SANDBOX: evaluates the part of PromQL that our rules use, over synthetic series; not a PromQL engine. */
import { parser } from '@prometheus-io/lezer-promql';

import { ALL_SERIES, type SandboxSeries } from './series';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];
export type Vector = { labels: Record<string, string>; value: number }[];
export class Unsupported extends Error {}

type Scope = { text: string; at: number };

/** The value of an expression at one time; throws Unsupported for what the stand-in does not know. */
export function evaluate(text: string, at: number): Vector {
  const top = parser.parse(text).topNode.firstChild;
  if (top === null || top.type.isError) throw new Unsupported('parse error');
  return valueOf(top, { text, at });
}

const textOf = (node: SyntaxNode, { text }: Scope): string => text.slice(node.from, node.to);

function valueOf(node: SyntaxNode, scope: Scope): Vector {
  const children = childrenOf(node);
  switch (node.name) {
    case 'ParenExpr':
      return valueOf(need(children[0]), scope);
    case 'NumberDurationLiteral':
      return [{ labels: {}, value: Number(textOf(node, scope)) }];
    case 'VectorSelector':
      return select(node, scope).map(({ labels, at }) => ({
        labels: unnamed(labels),
        value: at(scope.at),
      }));
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

function binary(children: SyntaxNode[], scope: Scope): Vector {
  const left = valueOf(need(children[0]), scope);
  const right = valueOf(need(children.at(-1)), scope);
  const operator = children[1]?.name ?? '';
  if (operator === 'Or') {
    const have = new Set(left.map(({ labels }) => keyOf(labels)));
    return [...left, ...right.filter(({ labels }) => !have.has(keyOf(labels)))];
  }
  const scalarLeft = need(children[0]).name === 'NumberDurationLiteral';
  const scalarRight = need(children.at(-1)).name === 'NumberDurationLiteral';
  const base = scalarLeft ? right : left;
  return base.flatMap(({ labels }) => {
    const a = scalarLeft ? left[0] : left.find((sample) => keyOf(sample.labels) === keyOf(labels));
    const b = scalarRight
      ? right[0]
      : right.find((sample) => keyOf(sample.labels) === keyOf(labels));
    if (a === undefined || b === undefined) return [];
    const value = operate(operator, a.value, b.value);
    return value === null ? [] : [{ labels, value }];
  });
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

function aggregate(node: SyntaxNode, scope: Scope): Vector {
  const operator = textOf(need(node.getChild('AggregateOp')), scope).toLowerCase();
  const by =
    node.getChild('AggregateModifier')?.getChild('GroupingLabels')?.getChildren('LabelName') ?? [];
  const labelNames = by.map((label) => textOf(label, scope));
  const input = valueOf(need(node.getChild('FunctionCallBody')?.firstChild), scope);
  const groups = new Map<string, { labels: Record<string, string>; values: number[] }>();
  for (const { labels, value } of input) {
    const kept = Object.fromEntries(
      labelNames.flatMap((name) => (labels[name] ? [[name, labels[name]]] : [])),
    );
    const group = groups.get(keyOf(kept)) ?? { labels: kept, values: [] };
    groups.set(keyOf(kept), group);
    group.values.push(value);
  }
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const reduce: Record<string, (values: number[]) => number> = {
    sum,
    avg: (values) => sum(values) / values.length,
    max: (values) => Math.max(...values),
    min: (values) => Math.min(...values),
    count: (values) => values.length,
  };
  const reducer = reduce[operator];
  if (reducer === undefined) throw new Unsupported(`the sandbox does not evaluate ${operator}`);
  return [...groups.values()].map(({ labels, values }) => ({ labels, value: reducer(values) }));
}

function call(node: SyntaxNode, scope: Scope): Vector {
  const name = textOf(need(node.getChild('FunctionIdentifier')), scope);
  const args = childrenOf(need(node.getChild('FunctionCallBody')));
  if (name === 'histogram_quantile') {
    return quantile(Number(textOf(need(args[0]), scope)), valueOf(need(args[1]), scope));
  }
  const matrix = need(args[0]);
  if (matrix.name !== 'MatrixSelector')
    throw new Unsupported(`the sandbox does not evaluate ${name} of it`);
  const window = durationOf(textOf(matrix, scope));
  const series = select(need(matrix.firstChild), scope);
  const of: Record<string, (at: (t: number) => number) => number> = {
    rate: (at) => (at(scope.at) - at(scope.at - window)) / window,
    increase: (at) => at(scope.at) - at(scope.at - window),
    max_over_time: (at) => Math.max(at(scope.at), at(scope.at - window / 2), at(scope.at - window)),
    count_over_time: () => window / 15,
  };
  const apply = of[name];
  if (apply === undefined) throw new Unsupported(`the sandbox does not evaluate ${name}`);
  return series.map(({ labels, at }) => ({ labels: unnamed(labels), value: apply(at) }));
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

/** The series that a selector matches. */
export function select(node: SyntaxNode, scope: Scope): SandboxSeries[] {
  const tests: ((labels: Record<string, string>) => boolean)[] = [];
  const name = node.getChild('Identifier');
  if (name !== null) tests.push((labels) => labels['__name__'] === textOf(name, scope));
  for (const matcher of node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
    const [label, operator, literal] = childrenOf(matcher).map((child) => textOf(child, scope));
    const value = unquote(literal ?? '""');
    const equal = (text: string) =>
      operator?.includes('~') ? new RegExp(`^(?:${value})$`).test(text) : text === value;
    tests.push((labels) => equal(labels[label ?? ''] ?? '') !== operator?.startsWith('!'));
  }
  return ALL_SERIES.filter(({ labels }) => tests.every((test) => test(labels)));
}

/** The series of a `match[]` parameter. */
export function match(text: string): SandboxSeries[] {
  const node = parser.parse(text).topNode.firstChild;
  if (node?.name !== 'VectorSelector') throw new Unsupported(`no series selector: ${text}`);
  return select(node, { text, at: 0 });
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
const keyOf = (labels: Record<string, string>): string =>
  JSON.stringify(Object.entries(labels).sort());
const unnamed = (labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => name !== '__name__'));
const durationOf = (matrix: string): number => {
  const [, count, unit] = /\[(\d+)([smhd])\]$/.exec(matrix) ?? [];
  return Number(count ?? 5) * ({ s: 1, m: 60, h: 3600, d: 86400 }[unit ?? 'm'] ?? 60);
};
