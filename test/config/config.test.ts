import { ConfigError, parseConfig } from '../../src/config/config';

const errorsOf = (environment: Record<string, string>): string[] => {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.errors;
    throw error;
  }
  return [];
};

it('has a default for everything that is not an upstream', () => {
  const config = parseConfig({});
  expect(config).toMatchObject({
    TOPOLOGY_WINDOW: '24h',
    PROMETHEUS_SERVICE_LABELS: ['service', 'service_name', 'job', 'app'],
    PROMETHEUS_HOST_LABELS: ['instance', 'host', 'hostname', 'node', 'nodename'],
    EXECUTOR_WORKFLOW_TYPE: '',
    RELEASE_PREP_TASK_QUEUE: 'release-prep',
  });
});

it('lists all errors of one start together', () => {
  const errors = errorsOf({
    PROMETHEUS_URL: 'prometheus:9090',
    LLM_MODE: 'on',
    TOPOLOGY_WINDOW: 'yesterday',
    METRICS_ADDRESS: 'everywhere',
  });
  expect(errors.map((error) => error.split(':')[0]).sort()).toEqual([
    'LLM_MODE',
    'METRICS_ADDRESS',
    'PROMETHEUS_URL',
    'TOPOLOGY_WINDOW',
  ]);
});

it('refuses parameters in the address of an upstream, which would not be sent, and does not repeat them', () => {
  const url = 'https://example.com/?token=canary';
  const upstreams = {
    ...{ RELEASE_SYSTEM_URL: url, PROMETHEUS_URL: url, OPENAI_BASE_URL: url },
    ...{ ELASTICSEARCH_URL: url, TOPOLOGY_URL: url, ISSUE_STORE_URL: url },
  };
  const errors = errorsOf({ ...upstreams, OTEL_EXPORTER_OTLP_ENDPOINT: url });
  expect(errors.map((error) => error.split(':')[0]).sort()).toEqual(Object.keys(upstreams).sort());
  expect(errors.join()).toMatch(/has parameters .* set credentials in their own variables/);
  expect(errors.join()).not.toContain('canary');
});

it.each(['0s', '3661d', '99999999999999999999d', '2026-08-23/2026-08-22', '1969-01-01/2026-01-01'])(
  'refuses a window that has no length or no end: %s',
  (window) => {
    expect(errorsOf({ TOPOLOGY_WINDOW: window })).toEqual([
      expect.stringContaining('TOPOLOGY_WINDOW: must be a duration'),
    ]);
  },
);

it.each(['debug', 'Debug', 'DEBUG'])('takes a log level in any case: %s', (level) => {
  expect(parseConfig({ LOG_LEVEL: level }).LOG_LEVEL).toBe('DEBUG');
});

it('takes an empty variable for unset', () => {
  const config = parseConfig({ PROMETHEUS_URL: '', EXECUTOR_WORKFLOW_TYPE: '' });
  expect(config.PROMETHEUS_URL).toBeUndefined();
  expect(config.EXECUTOR_WORKFLOW_TYPE).toBe('');
});

it('takes a .env from Windows, and says which quotation marks to leave out', () => {
  const config = parseConfig({
    PROMETHEUS_URL: 'http://prometheus:9090\r',
    RELEASE_PREP_TASK_QUEUE: ' own-queue\r',
    OPENAI_API_KEY: ' \r',
  });
  expect(config).toMatchObject({
    PROMETHEUS_URL: 'http://prometheus:9090',
    RELEASE_PREP_TASK_QUEUE: 'own-queue',
  });
  expect(config.OPENAI_API_KEY).toBeUndefined();
  expect(errorsOf({ PROMETHEUS_URL: "'http://prometheus:9090'" })).toEqual([
    'PROMETHEUS_URL: must be a URL without quotation marks around it',
  ]);
});

it('accepts an interval with a beginning before its end, and no other', () => {
  expect(errorsOf({ TOPOLOGY_WINDOW: '2026-08-22T23:30:00Z/2026-08-23T00:30:00Z' })).toEqual([]);
  expect(errorsOf({ TOPOLOGY_WINDOW: '2026-08-23T00:30:00Z/2026-08-22T23:30:00Z' })).toHaveLength(
    1,
  );
});

it('refuses half of a pair of credentials, and both kinds at once', () => {
  expect(errorsOf({ ELASTICSEARCH_USERNAME: 'u' })).toHaveLength(1);
  expect(
    errorsOf({
      ELASTICSEARCH_API_KEY: 'k',
      ELASTICSEARCH_USERNAME: 'u',
      ELASTICSEARCH_PASSWORD: 'p',
    }),
  ).toHaveLength(1);
});

it('bounds what a model may cost, and takes from its extra body only what is not ours to say', () => {
  const config = parseConfig({ LLM_TIMEOUT: '10s', LLM_EXTRA_BODY: '{"top_k":1}' });
  expect(config).toMatchObject({
    ...{ LLM_TIMEOUT: 10_000, LLM_MAX_TOKENS: 60_000, LLM_EXTRA_BODY: { top_k: 1 } },
  });
  const errors = errorsOf({
    ...{ LLM_TIMEOUT: '5m', LLM_MAX_TOKENS: '60001', LLM_MAX_REPLY_TOKENS: 'many' },
    ...{ LLM_EXTRA_BODY: '{"messages":[]}', LLM_STRUCTURED_OUTPUT: 'xml' },
  });
  expect(errors).toHaveLength(5);
  expect(errorsOf({ LLM_EXTRA_BODY: '[1]' })).toHaveLength(1);
});

it('reads the own fields of logs, and says what their form is', () => {
  const errors = (text: string) => errorsOf({ TOPOLOGY_LOG_FIELDS: text });
  expect(errors('trace=ctx.request,service=app')).toEqual([]);
  expect(errors('trace=a, service=b, time=ts, duration=took')).toEqual([]);
  for (const wrong of ['trace=a', 'service=b', 'trace=,service=b', 'trace=a,service=b,level=c'])
    expect(errors(wrong)).toEqual([expect.stringContaining('TOPOLOGY_LOG_FIELDS: must be trace=')]);
});
