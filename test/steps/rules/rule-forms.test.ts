import type { MetricScope } from '../../../src/domain/metrics';
import { ruleForms } from '../../../src/steps/rules/rule-forms';
import { parses } from '../../../src/steps/rules/promql';
import { group, level, metric } from '../../fixtures/metric-facts';

const scope: MetricScope = { kind: 'label', label: 'service', value: 'shop' };
const exprs = (
  subject: ReturnType<typeof metric>,
  levels: ReturnType<typeof level>[],
  metrics = [subject],
) => ruleForms({ metric: subject, scope, metrics }, group('G', levels)).map(({ expr }) => expr);

describe('ruleForms', () => {
  it('builds each form for the type that it is meant for', () => {
    const counter = metric('x_total', 'counter');
    const histogram = metric('d', 'histogram');
    expect(exprs(counter, [level({ form: 'rate' })])).toEqual([
      'sum(rate(x_total{service="shop"}[5m]))',
    ]);
    expect(exprs(counter, [level({ form: 'increase' })])).toEqual([
      'sum(increase(x_total{service="shop"}[5m]))',
    ]);
    expect(exprs(histogram, [level({ form: 'quantile', quantile: 0.95 })])).toEqual([
      'histogram_quantile(0.95, sum by (le) (rate(d_bucket{service="shop"}[5m])))',
    ]);
    expect(exprs(histogram, [level({ form: 'rate' })])).toEqual([
      'sum(rate(d_count{service="shop"}[5m]))',
    ]);
    expect(exprs(metric('s', 'summary'), [level({ form: 'quantile' })])).toEqual([
      'max(s{service="shop",quantile="0.99"})',
      'sum(rate(s_sum{service="shop"}[5m])) / sum(rate(s_count{service="shop"}[5m]))',
    ]);
  });

  it('builds no rule that is nonsense for the type', () => {
    expect(exprs(metric('g', 'gauge'), [level({ form: 'rate' })])).toEqual([]);
    expect(exprs(metric('c_total', 'counter'), [level({ form: 'value' })])).toEqual([]);
    expect(exprs(metric('g', 'unknown'), [level({ form: 'quantile' })])).toEqual([]);
  });

  it('counts errors by label only among series that have the label', () => {
    const [expr] = exprs(metric('r_total', 'counter'), [
      level({ form: 'errors', error_matcher: 'code=~"5.."' }),
    ]);
    expect(expr).toContain('r_total{service="shop",code=~"5.."}');
    expect(expr).toContain('r_total{service="shop",code!=""}');
    expect(expr).toContain(' or 0 * ');
  });

  it('divides errors by the requests of the same prefix, never of another one', () => {
    const errors = metric('b_errors_total', 'counter');
    const others = [metric('a_requests_total', 'counter'), metric('b_requests_total', 'counter')];
    const shared = level({ form: 'errors', match: ['*_errors_total'], of: ['*_requests_total'] });
    expect(exprs(errors, [shared], [errors, ...others])[0]).toContain('rate(b_requests_total{');
    expect(exprs(errors, [shared], [errors, metric('a_requests_total', 'counter')])).toEqual([]);
  });

  it('takes a limit of 0 for no limit', () => {
    const used = metric('used');
    const metrics = [used, metric('limit')];
    const ratio = level({ form: 'ratio', match: ['used'], of: ['limit'], aggregate: 'max' });
    expect(exprs(used, [ratio], metrics)).toEqual([
      'max(used{service="shop"} / (limit{service="shop"} > 0))',
    ]);
  });

  it('gives a metric that no level knows a form by its type, without a default', () => {
    const [form] = ruleForms(
      { metric: metric('odd_seconds', 'histogram'), scope, metrics: [] },
      group('G', [level({ match: ['other'] })]),
    );
    expect(form?.level).toMatchObject({ form: 'quantile', default: null, document: null });
  });

  it.each(['a"b', 'a\\', 'a{b}', 'x"} or up{y="', '服务\n'])(
    'stays one parsable expression for the service %j',
    (value) => {
      const hostile: MetricScope = { kind: 'label', label: 'service', value };
      const subject = metric('user-service_x_total', 'counter');
      const levels = [
        level({ form: 'rate' }),
        level({ form: 'errors', error_matcher: 'status=~"5.."' }),
      ];
      const forms = ruleForms({ metric: subject, scope: hostile, metrics: [] }, group('G', levels));
      expect(forms).toHaveLength(2);
      for (const { expr, watched } of forms) {
        expect(parses(expr)).toBe(true);
        expect(watched).toContain('{__name__="user-service_x_total",service=');
      }
    },
  );

  it('drops a level whose matcher would break the expression', () => {
    const broken = level({ form: 'errors', error_matcher: 'code=~"5..' });
    expect(exprs(metric('r_total', 'counter'), [broken])).toEqual([]);
  });
});
