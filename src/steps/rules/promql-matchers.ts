import { parser } from '@prometheus-io/lezer-promql';
import { hostsMatcher, isLabelName, parses } from './promql';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];
type Insertion = { at: number; text: string };

/**
 * Adds label matchers to every series selector of an expression, as written between braces (`instance=~"a|b"`).
 * Works on the parse tree, so that names in strings, functions and grouping labels stay what they are; a matcher
 * that a selector already has is not repeated. Undefined if the expression or the result is not valid PromQL.
 */
export function withMatchers(expr: string, matchers: readonly string[]): string | undefined {
  if (!parses(expr)) return undefined;
  if (matchers.length === 0) return expr;
  const insertions: Insertion[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, node }) => {
      if (name === 'VectorSelector') insertions.push(...insertionsFor(node, expr, matchers));
    },
  });
  return inserted(expr, insertions);
}

function inserted(expr: string, insertions: Insertion[]): string | undefined {
  const whole = insertions
    .sort((a, b) => b.at - a.at)
    .reduce((text, { at, text: part }) => text.slice(0, at) + part + text.slice(at), expr);
  return parses(whole) ? whole : undefined;
}

/** Adds a label to every aggregation's grouping; undefined if the expression or the result is not valid PromQL. */
export function groupedBy(expr: string, label: string): string | undefined {
  if (!parses(expr) || !isLabelName(label)) return undefined;
  const insertions: Insertion[] = [];
  parser.parse(expr).iterate({
    enter: ({ name, node }) => {
      if (name !== 'AggregateExpr') return;
      const operator = node.getChild('AggregateOp');
      const labels = node.getChild('AggregateModifier')?.getChild('GroupingLabels');
      if (labels) insertions.push({ at: labels.from + 1, text: `${label}, ` });
      else if (operator) insertions.push({ at: operator.to, text: ` by (${label}) ` });
    },
  });
  return inserted(expr, insertions);
}

/** Restricts an expression to hosts by the label that holds them; values are escaped, `le` buckets stay whole. */
export const onHosts = (
  expr: string,
  label: string,
  hosts: readonly string[],
): string | undefined => {
  const matcher = hostsMatcher(label, hosts);
  return matcher === undefined ? undefined : withMatchers(expr, [matcher]);
};

function insertionsFor(node: SyntaxNode, expr: string, matchers: readonly string[]): Insertion[] {
  const braces = node.getChild('LabelMatchers');
  const present = braces === null ? [] : matchersIn(braces, expr);
  const missing = matchers.filter((matcher) => !present.includes(squeezed(matcher)));
  if (missing.length === 0) return [];
  if (braces === null) return [{ at: node.to, text: `{${missing.join(',')}}` }];
  const separator = present.length > 0 ? ',' : '';
  return [{ at: braces.from + 1, text: `${missing.join(',')}${separator}` }];
}

function matchersIn(braces: SyntaxNode, expr: string): string[] {
  const found: string[] = [];
  for (let child = braces.firstChild; child !== null; child = child.nextSibling) {
    found.push(squeezed(expr.slice(child.from, child.to)));
  }
  return found;
}

/** Blanks around the operator mean nothing; those in the value stay. */
const squeezed = (matcher: string): string =>
  matcher.replace(/^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*/, '$1$2').trimEnd();
