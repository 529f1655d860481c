import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import {
  answersHttp,
  freePort,
  startProcess,
  untilReady,
} from '../../../src/embedded/server-process';
import { breachValueOf } from '../../../src/export/rule-conditions';
import { exportIssue } from '../../../src/export/export';
import { factsOf } from '../../../src/export/export-facts';
import type { Issue } from '../../../src/domain/issue';
import { arbitraryIssue, issueWith, sampleIssue } from '../../fixtures/arbitrary-issue';
import {
  buildPrometheus3,
  PROMETHEUS_3,
  usesPrometheus3,
} from '../../fixtures/servers/prometheus-3';
import { runToEnd } from '../../fixtures/processes/process';

jest.setTimeout(120_000);

/** Debian's Prometheus 2.42, and 3.13 where it is there. */
const VERSIONS = [
  {
    promtool: process.env['PROMTOOL_PATH'] ?? 'promtool',
    prometheus: process.env['PROMETHEUS_PATH'] ?? 'prometheus',
  },
  ...(usesPrometheus3 ? [PROMETHEUS_3] : []),
];

beforeAll(buildPrometheus3, 3_600_000);

let folder: string;
beforeAll(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'exported-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rulesOf = (issue: Issue): string => exportIssue(issue, 'prometheus').files[0]?.content ?? '';
const write = (name: string, content: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
};

const gauge = {
  candidate: 'depth',
  expr: 'max(depth{service="shop"})',
  op: '>',
  threshold: 10,
  for: '120s',
} as const;
const rate = {
  candidate: 'errors_total',
  expr: 'sum(rate(errors_total{service="shop",code=~"5.."}[1m])) or 0 * sum(rate(errors_total{service="shop"}[1m]))',
  op: '>',
  threshold: 5,
  for: '60s',
} as const;
const low = {
  candidate: 'orders',
  expr: 'min(orders{service="shop"})',
  op: '<',
  threshold: -2,
  for: '60s',
} as const;
const small = (): Issue =>
  issueWith({
    service: 'shop {{ $labels }}',
    groups: [
      { name: 'Queue', rules: [gauge] },
      { name: 'Errors', rules: [rate] },
      { name: 'Orders', rules: [low] },
    ],
  });

describe.each(VERSIONS)('$promtool', ({ promtool }) => {
  const check = (file: string) => runToEnd(promtool, ['check', 'rules', '--lint-fatal', file]);

  it('takes the rules of any issue, no two alike', async () => {
    expect(await check(write('sample.yaml', rulesOf(sampleIssue())))).toMatch(
      /[1-9]\d rules found/,
    );
    const files = fc
      .sample(arbitraryIssue, 20)
      .map((issue, index) => write(`any-${index}.yaml`, rulesOf(issue)));
    await runToEnd(promtool, ['check', 'rules', '--lint-fatal', ...files]);
  });

  it('finds alerts that fire on a breach, NaN, infinity, absence and stale samples, and not in calm', async () => {
    const rules = write('small.yaml', rulesOf(small()));
    const calm = {
      'depth{service="shop"}': '3x80',
      'errors_total{service="shop",code="200"}': '0+60x80',
      'errors_total{service="shop",code="500"}': '0+15x80',
      'orders{service="shop"}': '4x80',
    };
    // One sample every 15 s; the change comes after 10 minutes.
    const then = (series: string, change: string) => ({ ...calm, [series]: change });
    const depth = 'depth{service="shop"}';
    const errors = 'errors_total{service="shop",code="500"}';
    const cases: { series: Record<string, string>; firing: string[] }[] = [
      { series: calm, firing: [] },
      // Shorter than `for`.
      { series: then(depth, '3x40 50x6 3x40'), firing: [] },
      { series: then(depth, '3x40 50x40'), firing: ['ReleaseRuleBreached queue/depth'] },
      {
        series: then(depth, `3x40${' NaN'.repeat(40)}`),
        firing: ['ReleaseRuleNoData queue/depth'],
      },
      {
        series: then(depth, `3x40${' Inf'.repeat(40)}`),
        firing: ['ReleaseRuleBreached queue/depth', 'ReleaseRuleNoData queue/depth'],
      },
      { series: then(depth, '3x40 stale'), firing: ['ReleaseRuleNoData queue/depth'] },
      // No marker: the instant query still answers, with an old sample.
      { series: then(depth, '3x60'), firing: ['ReleaseRuleNoData queue/depth'] },
      {
        series: then(errors, '0+15x40 600+150x40'),
        firing: ['ReleaseRuleBreached errors/errors_total'],
      },
      {
        series: then(errors, `0+15x40${' NaN'.repeat(40)}`),
        firing: ['ReleaseRuleNoData errors/errors_total'],
      },
      // No errors at all is no missing data.
      { series: then(errors, '0+15x40 stale'), firing: [] },
      {
        series: then('orders{service="shop"}', '4x40 -3x40'),
        firing: ['ReleaseRuleBreached orders/orders'],
      },
      {
        series: then('orders{service="shop"}', '_x80'),
        firing: ['ReleaseRuleNoData orders/orders'],
      },
    ];
    const test = {
      rule_files: [rules],
      evaluation_interval: '15s',
      tests: cases.map(({ series, firing }) => ({
        interval: '15s',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: [
          {
            expr: 'count by (alertname, rule_id, service) (ALERTS{alertstate="firing"})',
            eval_time: '20m',
            exp_samples: firing.map((one) => {
              const [alertname, rule_id] = one.split(' ');
              return {
                labels: `{alertname="${alertname}",rule_id="${rule_id}",service="shop {{ $labels }}"}`,
                value: 1,
              };
            }),
          },
        ],
      })),
    };
    await runToEnd(promtool, ['test', 'rules', write('small.test.yaml', stringify(test))]);
  });
});

/** Serves what `text` holds, as an exporter does. */
function startExporter(text: () => string): Promise<{ server: Server; port: number }> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(text());
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve({ server, port: (server.address() as AddressInfo).port }),
    ),
  );
}

describe.each(VERSIONS)('$promtool', ({ promtool }) => {
  it('gives executors 1 for a breach that has held, 0 in calm, and neither for what has no data', async () => {
    const [rule] = factsOf(small()).rules;
    if (rule === undefined) throw new Error('no rule');
    const value = breachValueOf(rule);
    const cases: { values: string; is: 0 | 1 | undefined }[] = [
      { values: '3x80', is: 0 },
      // `for` is 120 s: 90 s are not enough, and neither is a series that has just begun.
      { values: '3x74 50x6', is: 0 },
      { values: '_x76 50x4', is: 0 },
      { values: '3x60 50x20', is: 1 },
      { values: `3x60${' NaN'.repeat(20)}`, is: undefined },
      { values: `3x60${' Inf'.repeat(20)}`, is: undefined },
      { values: '3x60 stale', is: undefined },
      { values: '3x68', is: undefined },
      { values: '_x80', is: undefined },
    ];
    const tests = cases.map(({ values, is }) => ({
      interval: '15s',
      input_series: [{ series: 'depth{service="shop"}', values }],
      promql_expr_test: [0, 1].map((number) => ({
        expr: `(${value}) == ${number}`,
        eval_time: '20m',
        exp_samples: is === number ? [{ labels: '{}', value: number }] : [],
      })),
    }));
    await runToEnd(promtool, ['test', 'rules', write('value.test.yaml', stringify({ tests }))]);
  });
});

describe.each(VERSIONS)('$prometheus', ({ prometheus }) => {
  it('fires the exported alerts on a breach, NaN and absence, and is silent in calm', async () => {
    let depth: string | undefined = '3';
    let errors = 0;
    let perScrape = 1;
    const { server, port: target } = await startExporter(() => {
      errors += perScrape;
      return [
        ...(depth === undefined ? [] : [`depth{service="shop"} ${depth}`]),
        `errors_total{service="shop",code="500"} ${errors}`,
        'orders{service="shop"} 4',
        '',
      ].join('\n');
    });
    // The same alerts at a faster clock: seconds in place of minutes.
    const fast = parse(rulesOf(small())) as {
      groups: { interval: string; rules: { for?: string; expr: string }[] }[];
    };
    for (const group of fast.groups) {
      group.interval = '1s';
      for (const rule of group.rules) rule.for = '2s';
    }
    write('fast.yaml', stringify(fast));
    write(
      'prometheus.yml',
      stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s' },
        rule_files: ['fast.yaml'],
        scrape_configs: [
          { job_name: 'shop', static_configs: [{ targets: [`127.0.0.1:${target}`] }] },
        ],
      }),
    );
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const process = startProcess(prometheus, [
      `--config.file=${path.join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${mkdtempSync(path.join(folder, 'data-'))}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const firing = async (): Promise<string[]> => {
      const body = (await (await fetch(`${url}/api/v1/alerts`)).json()) as {
        data: { alerts: { state: string; labels: Record<string, string> }[] };
      };
      return body.data.alerts
        .filter(({ state }) => state === 'firing')
        .map(({ labels }) => `${labels['alertname']} ${labels['rule_id']}`)
        .sort();
    };
    const until = async (expected: readonly string[]): Promise<void> => {
      const end = Date.now() + 30_000;
      let found = await firing();
      while (found.join() !== expected.join() && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        found = await firing();
      }
      expect(found).toEqual(expected);
    };
    try {
      await untilReady(process, () => answersHttp(`${url}/-/ready`), 30_000);
      // What was missing before the first scrapes is there now.
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      await until([]);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect(await firing()).toEqual([]);
      depth = '50';
      await until(['ReleaseRuleBreached queue/depth']);
      depth = 'NaN';
      await until(['ReleaseRuleNoData queue/depth']);
      depth = '3';
      await until([]);
      depth = undefined;
      perScrape = 100;
      await until(['ReleaseRuleBreached errors/errors_total', 'ReleaseRuleNoData queue/depth']);
    } finally {
      await process.stop();
      server.close();
    }
  });
});
