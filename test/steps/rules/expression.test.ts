import { parses } from '../../../src/steps/rules/promql';
import type { MetricScope } from '../../../src/domain/metrics';
import { ruleForms } from '../../../src/steps/rules/rule-forms';
import { group, level, metric } from '../../fixtures/metric-facts';

const scope: MetricScope = { kind: 'label', label: 'service', value: 'sh"op\\' };
const S = String.raw`service="sh\"op\\"`;
const exprOf = (subject: ReturnType<typeof metric>, changes: Parameters<typeof level>[0]) => {
  const forms = ruleForms(
    { metric: subject, scope, metrics: [subject] },
    group('G', [level(changes)]),
  );
  const expr = forms[0]?.expr;
  expect(expr !== undefined && parses(expr)).toBe(true);
  return expr;
};
const gauge = metric('g', 'gauge');
const native = { ...metric('n', 'histogram'), native: true };

it.each([
  [{ form: 'predict', aggregate: 'min' }, `min(predict_linear(g{${S}}[1h], 14400))`],
  [
    { form: 'predict', aggregate: 'min', window: '21600s', horizon: '86400s' },
    `min(predict_linear(g{${S}}[21600s], 86400))`,
  ],
  [{ form: 'growth', aggregate: 'max' }, `max(deriv(g{${S}}[5m]))`],
  [{ form: 'delta', window: '1800s' }, `sum(delta(g{${S}}[1800s]))`],
  [{ form: 'changes' }, `sum(changes(g{${S}}[5m]))`],
  [{ form: 'resets' }, `sum(resets(g{${S}}[5m]))`],
  // The host that is worst off, whatever the document says of sums; a time of 0 is none.
  [{ form: 'age', op: '>' }, `max(time() - (g{${S}} > 0))`],
  [{ form: 'remaining', op: '<' }, `min((g{${S}} > 0) - time())`],
] as const)('a gauge as %j', (changes, expected) => {
  expect(exprOf(gauge, changes)).toBe(expected);
});

it.each([
  [{ form: 'quantile' }, `histogram_quantile(0.99, sum(rate(n{${S}}[5m])))`],
  [{ form: 'rate' }, `sum(histogram_count(rate(n{${S}}[5m])))`],
  [{ form: 'mean' }, `histogram_avg(sum(rate(n{${S}}[5m])))`],
  [
    { form: 'errors', error_matcher: 'code=~"5.."', floor: 1 },
    `(sum(histogram_count(rate(n{${S},code=~"5.."}[5m]))) or 0 * sum(histogram_count(rate(n{${S},code!=""}[5m])))) / (sum(histogram_count(rate(n{${S},code!=""}[5m]))) > 1)`,
  ],
] as const)('a native histogram as %j', (changes, expected) => {
  expect(exprOf(native, changes)).toBe(expected);
});
