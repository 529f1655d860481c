import os from 'node:os';
import { parseArgs } from 'node:util';
import { startLoaded } from './topology/load';
import { measureChains, type Measured } from './topology/measure';
import { createRandom } from '../fixtures/random';
import { median } from './statistics';
import { showTargets, type Target } from './targets';
import { score } from './topology/score';

/**
 * Service chains at scale: 200 services with known edges in a real Elasticsearch.
 * `npm run bench:topology -- [--spans 1000000] [--services 40] [--floor 20] [--cache FOLDER] [--growth]`
 */
const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '1000000' },
    services: { type: 'string', default: '40' },
    /** Edges with fewer calls in the whole day are not expected to be found. */
    floor: { type: 'string', default: '20' },
    cache: { type: 'string', default: '/var/tmp/release-prep/bench' },
    /** Sizes from 10,000 spans up to `--spans` as well. */
    growth: { type: 'boolean', default: false },
  },
});

const highest = (numbers: number[]): number => Math.max(0, ...numbers);
const round = (ms: number): number => Math.round(ms);

/** Some services of every kind: a seeded choice among all that report. */
function choose(names: string[], count: number): string[] {
  const random = createRandom(1);
  const left = [...names].sort();
  const chosen: string[] = [];
  while (chosen.length < count && left.length > 0)
    chosen.push(...left.splice(random.int(left.length), 1));
  return chosen;
}

/** Watches the process: the peak of what the reader holds, beside what it held before. */
function watchMemory() {
  const peak = { rss: 0, heap: 0 };
  const start = process.memoryUsage();
  const look = () => {
    const { rss, heapUsed } = process.memoryUsage();
    peak.rss = Math.max(peak.rss, rss);
    peak.heap = Math.max(peak.heap, heapUsed);
  };
  const timer = setInterval(look, 20);
  return () => {
    clearInterval(timer);
    look();
    const mb = (bytes: number) => Math.round(bytes / 2 ** 20);
    return { rss: mb(peak.rss), heap: mb(peak.heap), rssBefore: mb(start.rss) };
  };
}

function report(spans: number, measured: Measured[]) {
  const of = (pick: (each: Measured) => number) => measured.map(pick);
  return {
    spans,
    requests: `${median(of((m) => m.requests))} / ${highest(of((m) => m.requests))}`,
    'MB answered': `${(median(of((m) => m.bytes)) / 1e6).toFixed(1)} / ${(highest(of((m) => m.bytes)) / 1e6).toFixed(1)}`,
    'cold ms': `${round(median(of((m) => m.coldMs)))} / ${round(highest(of((m) => m.coldMs)))}`,
    'warm ms': `${round(median(of((m) => m.warmMs)))} / ${round(highest(of((m) => m.warmMs)))}`,
    partial: of((m) => (m.chain.status === 'partial' ? 1 : 0)).reduce((a, b) => a + b, 0),
  };
}

async function run(spans: number) {
  const { server, edges, spans: loaded } = await startLoaded(spans, values.cache);
  try {
    const names = [...new Set(edges.flatMap(({ caller, callee }) => [caller, callee]))];
    const services = choose(
      names.filter((name) => !name.startsWith('legacy')),
      Number(values.services),
    );
    const memory = watchMemory();
    const measured = await measureChains(server.url, services);
    const { wrong, reversed, missed, ...figures } = score(measured, edges, Number(values.floor));
    const notes = measured.flatMap(({ chain }) => chain.notes ?? []).map(({ reason }) => reason);
    return {
      figures: { ...figures, reversed: reversed.length },
      growth: report(loaded, measured),
      memory: memory(),
      targets: [
        { what: 'wrong or reversed edges', measured: wrong.length, count: 0 },
        { what: 'precision of edges', measured: figures.precision, atLeast: 0.99 },
        { what: 'recall of edges above the floor', measured: figures.recall, atLeast: 0.98 },
        {
          what: 'requests of a chain',
          measured: highest(measured.map((m) => m.requests)),
          atMost: 40,
        },
        {
          what: 'cold chain, highest',
          measured: round(highest(measured.map((m) => m.coldMs))),
          unit: ' ms',
          atMost: 10_000,
        },
        {
          what: 'cold chain, median (aim)',
          measured: round(median(measured.map((m) => m.coldMs))),
          unit: ' ms',
          atMost: 3_000,
        },
      ],
      wrong,
      missed: missed.sort((a, b) => b.paired - a.paired).slice(0, 20),
      notes: Object.fromEntries(
        [...new Set(notes)].map((n) => [n, notes.filter((x) => x === n).length]),
      ),
    };
  } finally {
    await server.stop();
  }
}

async function main(): Promise<void> {
  const top = Number(values.spans);
  const sizes = values.growth ? [10_000, 100_000, 1_000_000].filter((n) => n < top) : [];
  const rows: object[] = [];
  let targets: Target[] = [];
  for (const spans of [...sizes, top]) {
    const { growth, targets: asked, ...about } = await run(spans);
    // They are of the largest.
    targets = asked;
    rows.push({ ...growth, precision: about.figures.precision, recall: about.figures.recall });
    process.stdout.write(`${JSON.stringify({ spans, ...about }, null, 1)}\n`);
  }
  const machine = `${os.cpus().length} cores (${os.cpus()[0]?.model}), ${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  process.stdout.write(
    `${new Date().toISOString().slice(0, 10)}, ${machine}, median / highest of ${values.services} services\n`,
  );
  console.table(rows);
  showTargets(targets);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
