import { plainText } from '../../adapters/terminal/printable';
import { colours as colors, type Colours } from '../../adapters/terminal/colours';
import type { ServiceChain } from '../../domain/service-chain';
import { chainTree, type ChainLine, type Direction } from './chain-tree';
import { languageOf, textsOf, type Texts } from '../texts/texts';
import { edgeWords, nodeWords, reasonsOf, someOf, undirected } from './chain-labels';
import { columnsOf, cut, pad, wrap } from './terminal-text';

export type ChainStyle = {
  /** Columns of the terminal; infinite where the output goes elsewhere. */
  width: number;
  /** Lines of each direction. */
  limit: number;
  colors: Colours;
  texts: Texts;
};

/** Smallest width used, because narrower text is not readable. */
const MIN_WIDTH = 24;
/** Two screens of a usual terminal for each direction; `--json` has all. */
const MAX_LINES = 60;
/** Figures are next to the names if at least this many columns are left for them, otherwise below. */
const MIN_BESIDE = 40;
/** Columns of one level of the tree. */
const RAIL = 3;
/** Most services without direction that are named. */
const MAX_NAMED = 12;

/** The style that fits this process' stdout. */
export const terminalStyle = (): ChainStyle => ({
  width: process.stdout.isTTY ? process.stdout.columns || 80 : Infinity,
  limit: MAX_LINES,
  colors,
  texts: textsOf(languageOf(undefined)),
});

/** The chain for people at a terminal: callers above the service, callees below, then what is missing and why. */
export function renderChain(chain: ServiceChain, style: ChainStyle = terminalStyle()): string {
  const width = Math.max(MIN_WIDTH, style.width);
  const { colors: paint, texts } = style;
  const above = drawn(chain, 'upstream', { ...style, width });
  const below = drawn(chain, 'downstream', { ...style, width });
  const known = chain.status !== 'unknown';
  return [
    ...(known ? [paint.dim(texts.t('chain.callers')), ...above] : []),
    paint.bold(cut(plainText(chain.service), width)),
    ...(known ? [paint.dim(texts.t('chain.callees')), ...below] : []),
    ...withoutDirection(chain, texts).flatMap((text) => wrap(text, width)),
    '',
    ...sourceWords(chain, texts).flatMap((text) => wrap(text, width)),
    ...statusLines(chain, width, style),
  ].join('\n');
}

function statusLines(chain: ServiceChain, width: number, style: ChainStyle): string[] {
  const { colors: paint, texts } = style;
  const color = chain.status === 'ok' ? paint.green : paint.yellow;
  const [first = '', ...rest] = wrap(texts.t(`chain.status.${chain.status}`), width);
  const reasons = reasonsOf(chain, texts).flatMap((reason) => {
    const [head = '', ...tail] = wrap(reason, width - 2);
    return [`- ${head}`, ...tail.map((line) => `  ${line}`)];
  });
  return [...[first, ...rest].map((line) => color(line)), ...reasons];
}

function drawn(chain: ServiceChain, direction: Direction, style: ChainStyle): string[] {
  const { lines, more } = chainTree(chain, direction, style.limit);
  if (lines.length === 0) return [`   ${style.texts.t('chain.noCalls')}`];
  const levels = Math.floor(style.width / 2 / RAIL);
  const columns = Math.max(...lines.map((line) => columnsOf(nameOf(line, levels).label))) + 2;
  const beside = style.width - columns >= MIN_BESIDE;
  const text = lines.flatMap((line) => {
    const { label, under } = nameOf(line, levels);
    const start = beside ? columns : columnsOf(under);
    const figures = wrap(
      detailsOf(line, style.texts),
      Math.max(style.width - start, MIN_WIDTH / 2),
    );
    const named = cut(label, style.width);
    const rows = beside
      ? figures.map((part, i) => pad(i === 0 ? named : under, start) + style.colors.dim(part))
      : [named, ...figures.map((part) => pad(under, start) + style.colors.dim(part))];
    return rows;
  });
  return more === 0
    ? text
    : [...text, cut(`   ${style.texts.t('chain.farther', { count: more })}`, style.width)];
}

/** The name behind its branch, and the rails that lines below it begin with; of a deep tree, only the innermost levels. */
function nameOf({ node, last }: ChainLine, levels: number): { label: string; under: string } {
  const inner = last.slice(-levels);
  const rails = inner.map((isLast): string => (isLast ? '   ' : '│  '));
  if (inner.length < last.length) rails[0] = '⋯  ';
  const branch = [...rails.slice(0, -1), last.at(-1) ? '└─ ' : '├─ '].join('');
  return { label: `${branch}${plainText(node.id)}`, under: rails.join('') };
}

const detailsOf = ({ node, edge, repeated }: ChainLine, texts: Texts): string =>
  [
    edgeWords(edge, texts),
    nodeWords(node, texts),
    ...(repeated ? [`(${texts.t('chain.elsewhere')})`] : []),
  ]
    .filter((part) => part !== '')
    .join(' ');

function withoutDirection(chain: ServiceChain, texts: Texts): string[] {
  const names = someOf(undirected(chain), MAX_NAMED, texts);
  return names === '' ? [] : ['', texts.t('chain.undirected', { names })];
}

function sourceWords({ source }: ServiceChain, { t }: Texts): string[] {
  const { schema, basis, also = [], indices, window, traces } = source;
  const names = indices.map(plainText).join(', ');
  return [
    also.length === 0
      ? t('chain.schema', { schema })
      : t('chain.also', { schema, sources: also.join(', ') }),
    ...(basis === undefined ? [] : [t(`chain.basis.${basis}`)]),
    names === '' ? t('chain.noIndices') : t('chain.indices', { names }),
    t('chain.window', { from: window.from, to: window.to }),
    ...(traces.total > 0
      ? [t(basis === 'logs' ? 'chain.read.requests' : 'chain.read.traces', traces)]
      : []),
  ];
}
