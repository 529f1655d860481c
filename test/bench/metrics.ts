/** npm run bench:metrics: the product's own choice of metrics for benchmark cases, without a model and a history. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { selectMetrics } from '../../src/activities/select-metrics';
import { setThresholds } from '../../src/activities/set-thresholds';
import { shortlistMetrics } from '../../src/activities/shortlist-metrics';
import { loadKnowledge } from '../../src/adapters/knowledge';
import { createPrometheus } from '../../src/adapters/prometheus';
import type { Knowledge } from '../../src/domain/knowledge/knowledge';
import type { WatchedGroup } from '../../src/domain/metrics';
import { knowledgeFor, readCase } from './metric-case';
import { scrapeCase, serveCase } from './metric-server';

type Options = {
  cases: string;
  outputs: string;
  knowledge: string;
  prometheus?: boolean;
  withoutOwn?: boolean;
};

async function main(options: Options): Promise<void> {
  const loaded = await loadKnowledge(options.knowledge);
  if (!loaded.ok)
    throw new Error(loaded.errors.map((e) => `${e.file}:${e.line} ${e.message}`).join('\n'));
  mkdirSync(options.outputs, { recursive: true });
  const files = readdirSync(options.cases).filter((name) => name.endsWith('.json'));
  for (const file of files.sort()) {
    const started = performance.now();
    const { id, kind, groups } = await runCase(
      path.join(options.cases, file),
      loaded.knowledge,
      options,
    );
    writeFileSync(
      path.join(options.outputs, `${id}.json`),
      JSON.stringify({ metrics: groups.map(wireOf) }, null, 1),
    );
    const rules = groups.flatMap((group) => group.rules).length;
    console.log(
      `${id} (${kind}): ${groups.length} groups, ${rules} rules, ${Math.round(performance.now() - started)} ms`,
    );
  }
}

async function runCase(
  file: string,
  base: Knowledge,
  { prometheus: real, withoutOwn = false }: Options,
) {
  const one = readCase(file);
  const { knowledge, kind } = knowledgeFor(one, base, { withoutKind: withoutOwn });
  const server = await (real ? scrapeCase(one) : serveCase(one));
  try {
    const deps = {
      prometheus: createPrometheus({ url: server.url }),
      prometheusServiceLabels: ['service', 'service_name', 'job', 'app'],
      prometheusHostLabels: ['instance'],
      knowledge,
      model: undefined,
    };
    const now = new Date().toISOString();
    const shortlist = await shortlistMetrics(deps, { service: one.service.name, now });
    const selection = await selectMetrics(deps, { shortlist, risks: null });
    const { result } = await setThresholds(deps, { selection, now });
    return { id: one.id, kind, groups: result.details.metrics };
  } finally {
    await server.stop();
  }
}

/** What score.py reads. */
const wireOf = ({ name, rules }: WatchedGroup) => ({
  name,
  candidates: [...new Set(rules.map(({ candidate }) => candidate))],
  thresholds: rules.map(({ expr, op, threshold, unit }) => ({ expr, op, value: threshold, unit })),
});

const program = new Command('bench:metrics')
  .requiredOption('--cases <dir>', 'folder of benchmark cases')
  .requiredOption('--outputs <dir>', 'where to write one <case id>.json each')
  .option('--knowledge <dir>', 'knowledge base', path.resolve(__dirname, '../../knowledge'))
  .option('--prometheus', 'through a real Prometheus that scrapes each case')
  .option('--without-own', "without the document of each case's own technology")
  .action(main);
void program.parseAsync();
