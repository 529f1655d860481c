import { successorsOf } from '../../../src/steps/metrics/renamed-metrics';
import { metric } from '../../fixtures/metric-facts';

it('suggests metrics of the same type that share most words, the most alike first', () => {
  const old = metric('http_request_duration_seconds', 'histogram');
  const others = [
    metric('http_server_request_duration_seconds', 'histogram'),
    metric('http_request_duration_ms', 'histogram'),
    metric('http_request_size_bytes', 'histogram'),
    metric('http_request_duration_seconds_sum', 'counter'),
  ];
  expect(successorsOf(old, [old, ...others]).map(({ name }) => name)).toEqual([
    'http_server_request_duration_seconds',
    'http_request_duration_ms',
  ]);
});
