import { scaleLinear, scaleUtc } from 'd3-scale';
import { area } from 'd3-shape';
import type { VNode } from 'preact';
import { h } from './page-elements';
import type { Rule } from '../../../domain/metrics';
import { parseSeconds } from '../../../steps/text/parse-seconds';
import { formatLevel } from '../../../steps/thresholds/format-level';
import type { Texts } from '../../texts/texts';

const WIDTH = 340;
const HEIGHT = 132;
const TOP = 16;
/** The threshold's name may be below the plot, and the dates below that. */
const BOTTOM = 32;
const AXIS = 17;
/** Further digits cannot be seen in a plot. */
const DIGITS = 3;

type Point = { at: number; low: number; high: number };

/** The range of a rule's history and its threshold line; nothing for a rule without a history. */
export function rulePlot(rule: Rule, threshold: string, { t }: Texts): VNode | undefined {
  const { history, baseline } = rule;
  if (history === undefined) return undefined;
  const from = Date.parse(baseline.window.from);
  const until = Date.parse(baseline.window.to);
  const points = pointsOf(history, from);
  const values = points.flatMap((point) => (point ? [point.low, point.high] : []));
  if (values.length === 0 || !(until > from)) return undefined;
  const low = Math.min(...values, rule.threshold);
  const high = Math.max(...values, rule.threshold);
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  const x = scaleUtc().domain([from, until]).range([0, WIDTH]);
  const y = scaleLinear()
    .domain([low - room, high + room])
    .range([HEIGHT - BOTTOM, TOP]);
  const level = y(rule.threshold);
  const band = area<Point | undefined>()
    .defined((point) => point !== undefined)
    .x((point) => x(point?.at ?? 0))
    .y0((point) => y(point?.low ?? 0) + 0.75)
    .y1((point) => y(point?.high ?? 0) - 0.75)
    .digits(1);
  const day = (time: string) => time.slice(5, 10);
  const label = t('rule.history', {
    metric: rule.candidate,
    from: baseline.window.from.slice(0, 10),
    to: baseline.window.to.slice(0, 10),
  });
  const limit = t('rule.threshold', { threshold });
  return h(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': `${label}; ${limit}` },
    h('path', { class: 'band', d: band(points) ?? '' }),
    h('line', { class: 'limit', x1: 0, x2: WIDTH, y1: level.toFixed(1), y2: level.toFixed(1) }),
    h(
      'text',
      {
        class: 'limitText',
        x: WIDTH,
        y: (level < HEIGHT / 2 ? level - 4 : level + 13).toFixed(1),
        'text-anchor': 'end',
      },
      limit,
    ),
    h('line', { class: 'axis', x1: 0, x2: WIDTH, y1: HEIGHT - AXIS, y2: HEIGHT - AXIS }),
    h('text', { x: 0, y: HEIGHT - 4 }, day(baseline.window.from)),
    h('text', { x: WIDTH, y: HEIGHT - 4, 'text-anchor': 'end' }, day(baseline.window.to)),
    h('text', { x: WIDTH / 2, y: HEIGHT - 4, 'text-anchor': 'middle' }, rangeText(values, rule)),
  );
}

/** The lowest and highest value of the whole window. */
const rangeText = (values: readonly number[], { unit }: Rule): string =>
  [Math.min(...values), Math.max(...values)]
    .map((value) => formatLevel(Number(value.toPrecision(DIGITS)), unit))
    .join(' – ');

/** A step without a value is a gap. */
function pointsOf(
  { low, high, step }: NonNullable<Rule['history']>,
  from: number,
): (Point | undefined)[] {
  const ms = parseSeconds(step) * 1000;
  return low.map((value, i) => {
    const top = high[i];
    if (value === null || top === null || top === undefined) return undefined;
    return { at: from + (i + 0.5) * ms, low: value, high: top };
  });
}
