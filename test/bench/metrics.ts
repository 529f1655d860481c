/** npm run bench:metrics: the product's own choice of metrics for benchmark cases, without a model and a history. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { z } from 'zod';
import { selectMetrics } from '../../src/activities/select-metrics';
import { setThresholds } from '../../src/activities/set-thresholds';
import { shortlistMetrics } from '../../src/activities/shortlist-metrics';
import { loadKnowledge } from '../../src/adapters/knowledge/knowledge';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus';
import type { Knowledge } from '../../src/domain/knowledge/knowledge';
import type { WatchedGroup } from '../../src/domain/metrics';
import { knowledgeFor, readCase } from './metric-case';
import { scrapeCase, serveCase } from './metric-server';
import { sum } from './statistics';
import { showTargets } from './targets';
import { KNOWLEDGE_FOLDER } from '../fixtures/knowledge';

type Options = {
  cases: string;
  outputs: string;
  knowledge: string;
  prometheus?: boolean;
  withoutOwn?: boolean;
  score?: string;
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
  if (options.score !== undefined) showScores(options.score, options);
}

/** Shares of the macro average that the issue asks for, in percent. */
const ASKED: [what: string, column: string, atLeast: number][] = [
  ['recall@10', 'recall@10', 55],
  ['precision', 'precision', 60],
  ['golden signals', 'golden_signals', 70],
  ['direction of thresholds', 'thr_direction', 95],
  ['thresholds within 2x', 'thr_2x', 80],
  ['portable thresholds within 2x', 'thr_port_2x', 90],
];
const Scores = z.object({
  cases: z.array(z.object({ invented: z.number() })),
  macro: z.record(z.string(), z.number().nullable()),
});

/** What the scorer of the benchmark says, which knows the answers; this program does not. */
function showScores(scorer: string, { cases, outputs }: Options): void {
  const args = [scorer, '--cases', cases, '--outputs', outputs, '--json'];
  const said = execFileSync('python3', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const { cases: scored, macro } = Scores.parse(JSON.parse(said));
  showTargets([
    ...ASKED.map(([what, column, atLeast]) => ({
      ...{ what, measured: 100 * (macro[column] ?? Number.NaN), unit: ' %', atLeast },
    })),
    { what: 'invented names', measured: sum(scored.map(({ invented }) => invented)), count: 0 },
  ]);
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
  .option('--knowledge <dir>', 'knowledge base', KNOWLEDGE_FOLDER)
  .option('--prometheus', 'through a real Prometheus that scrapes each case')
  .option('--score <file>', 'score.py of the benchmark: what was reached of what is asked')
  .option('--without-own', "without the document of each case's own technology")
  .action(main);
void program.parseAsync();
