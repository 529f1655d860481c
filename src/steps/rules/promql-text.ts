import { parser } from '@prometheus-io/lezer-promql';

type Part = { from: number; to: number };

function partsOf(expr: string, name: string): Part[] {
  const parts: Part[] = [];
  parser.parse(expr).iterate({
    enter: (node) => {
      if (node.name === name) parts.push({ from: node.from, to: node.to });
    },
  });
  return parts;
}

function replaced(expr: string, parts: readonly Part[], text: (part: string) => string): string {
  const pieces: string[] = [];
  let start = 0;
  for (const { from, to } of parts) {
    pieces.push(expr.slice(start, from), text(expr.slice(from, to)));
    start = to;
  }
  return [...pieces, expr.slice(start)].join('');
}

/** The instant selectors of an expression, each once, without ranges, offsets and `@`. */
export const selectorsOf = (expr: string): string[] => [
  ...new Set(partsOf(expr, 'VectorSelector').map(({ from, to }) => expr.slice(from, to))),
];

/** The expression without comments: what is written behind one would be part of it. */
export const withoutComments = (expr: string): string =>
  replaced(expr, partsOf(expr, 'LineComment'), () => ' ').trim();

/**
 * The same expression with string literals in which no template language finds a `{{`, and with no two blanks in a row,
 * for programs that fill templates in a query or squeeze its white space.
 */
export const withPlainLiterals = (expr: string): string =>
  replaced(expr, partsOf(expr, 'StringLiteral'), (literal) =>
    (literal.startsWith('`') ? inQuotes(literal.slice(1, -1)) : literal)
      .replace(/\{(?=\{)/g, '\\x7b')
      .replace(/[ \t](?=[ \t])/g, (blank) => (blank === ' ' ? '\\x20' : '\\t'))
      .replace(/\t/g, '\\t'),
  );

/** A raw literal, in which a backslash is one, as a literal with escapes. */
const inQuotes = (raw: string): string =>
  `"${raw
    .replace(/\\/g, '\\\\')
    .replace(/"/g, '\\"')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')}"`;

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];
const SCALAR_FUNCTIONS: readonly string[] = ['time', 'scalar', 'pi'];

/** The expression, a scalar as a vector: alerts, `absent` and ranges take vectors alone. */
export const asVector = (expr: string): string =>
  isScalar(parser.parse(expr).topNode.firstChild, expr) ? `vector(${expr})` : expr;

function isScalar(node: SyntaxNode | null, expr: string): boolean {
  if (node === null) return false;
  switch (node.name) {
    case 'NumberDurationLiteral':
      return true;
    case 'FunctionCall': {
      const name = node.getChild('FunctionIdentifier');
      return name !== null && SCALAR_FUNCTIONS.includes(expr.slice(name.from, name.to));
    }
    case 'ParenExpr':
    case 'BinaryExpr':
      return isScalar(node.firstChild, expr) && isScalar(node.lastChild, expr);
    case 'UnaryExpr':
      return isScalar(node.lastChild, expr);
    default:
      return false;
  }
}
