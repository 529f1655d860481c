import { scaleLinear } from 'd3-scale';
import type { VNode } from 'preact';
import { timelineOf } from '../../../steps/release-plan/plan-timeline';
import { parseSeconds } from '../../../steps/text/parse-seconds';
import type { Texts } from '../../texts/texts';
import type { Strategy } from '../wording/batch-text';
import { h } from './page-elements';

const ROW = 24;
const BAR = 14;
/** Per cent of the width: the batch's number to the left of the bars, the duration of the last one to the right. */
const LEFT = 6;
const RIGHT = 78;
/** More bars are thinner than a line of text. */
const MAX_BARS = 30;

/** When each batch is observed, from the beginning of the release. In per cent, so that text keeps its size. */
export function timeline(strategy: Strategy, { t, duration }: Texts): VNode {
  const shown = timelineOf(strategy.batches.slice(0, MAX_BARS), new Date(0));
  const total = Math.max(1, parseSeconds(strategy.total_time));
  const x = scaleLinear().domain([0, total]).range([LEFT, RIGHT]);
  const bars = shown.map(({ batch_id, from, until }, i) => {
    const [start, end] = [x(from.getTime() / 1000), x(until.getTime() / 1000)];
    const y = i * ROW + 4;
    const width = `${Math.max(0.4, end - start).toFixed(2)}%`;
    const time = duration((until.getTime() - from.getTime()) / 1000);
    return h(
      'g',
      {},
      h('text', { x: 0, y: y + BAR - 2 }, String(batch_id)),
      h('rect', { class: 'bar', x: `${start.toFixed(2)}%`, y, width, height: BAR, rx: 2 }),
      h('text', { x: `${end.toFixed(2)}%`, dx: 6, y: y + BAR - 2 }, time),
    );
  });
  const height = shown.length * ROW + 4;
  const label = t('plan.timeline');
  return h('svg', { width: '100%', height, role: 'img', 'aria-label': label }, ...bars);
}
