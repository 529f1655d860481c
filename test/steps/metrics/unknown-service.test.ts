import { unknownService, unknownServiceMessage } from '../../../src/steps/metrics/unknown-service';

const known = [
  { label: 'service', values: ['billing', 'checkout-apis', 'user-service'] },
  { label: 'job', values: ['node', 'prod/checkout-api', 'Checkout_API'] },
];

describe('unknownService', () => {
  it('lists the labels that were tried, and the values that resemble the name, nearest first', () => {
    expect(unknownService('checkout-api', known)).toEqual({
      service: 'checkout-api',
      labels: ['service', 'job'],
      near: [
        { label: 'job', value: 'Checkout_API' },
        { label: 'service', value: 'checkout-apis' },
        { label: 'job', value: 'prod/checkout-api' },
      ],
    });
  });

  it('suggests nothing where no name is alike', () => {
    expect(unknownService('no-such-thing', known).near).toEqual([]);
    expect(unknownService('服务', known).near).toEqual([]);
  });

  it('compares neither long names nor endless lists', () => {
    const many = Array.from({ length: 200_000 }, (_, index) => `checkout-${index}`);
    const long = [{ label: 'x', values: ['c'.repeat(100_000), ...many] }];
    expect(unknownService('checkout-1', long).near).toHaveLength(3);
  });
});

it('says what was looked for, what resembles it and what to do', () => {
  const message = unknownServiceMessage(unknownService('checkout-api', known));
  expect(message).toContain(
    'no series of the service "checkout-api" (tried the labels service, job)',
  );
  expect(message).toContain('no metric whose name starts with checkout_api_');
  expect(message).toContain('Similar: job="Checkout_API", service="checkout-apis"');
  expect(message).toContain('Set PROMETHEUS_SERVICE_LABELS');
  expect(message).toContain('--allow-unknown-service');
});
