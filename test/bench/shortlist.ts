/** npm run bench:shortlist: 50,000 names to a shortlist; time and memory against the targets of the issue. */
import type { CatalogueMetric } from '../../src/domain/metrics';
import { groupsOf } from '../../src/steps/knowledge/metric-groups';
import { buildCatalogue } from '../../src/steps/metrics/metric-catalogue';
import { ownMetrics } from '../../src/steps/metrics/metric-ownership';
import { shortlistCatalogue } from '../../src/steps/metrics/shortlist';
import { showTargets, type Target } from './targets';
import { shippedKnowledge } from '../fixtures/knowledge';

const SIZES = [10_000, 50_000, 100_000];
/** The size that the issue names, its milliseconds and megabytes. */
const ASKED = { size: 50_000, ms: 300, mb: 200 };
const RUNS = 5;
const KINDS = ['general', 'http-service', 'postgresql'];
const VERBS = ['requests', 'errors', 'latency', 'queue', 'cache', 'connections', 'memory', 'jobs'];
const ENDS = ['total', 'seconds', 'bytes', 'depth', 'failed_total', 'active', 'ratio', 'info'];

/** Names of some 500 invented families, half of them with words that the search knows. */
const namesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => {
    const verb = VERBS[i % VERBS.length];
    const end = ENDS[Math.floor(i / VERBS.length) % ENDS.length];
    return i % 2 === 0 ? `team${i % 500}_${verb}_${i}_${end}` : `team${i % 500}_thing${i}_${end}`;
  });

async function main(): Promise<void> {
  const knowledge = await shippedKnowledge();
  const targets: Target[] = [];
  for (const size of SIZES) {
    const catalogue = buildCatalogue(namesOf(size), {});
    for (const kind of KINDS) {
      const groups = groupsOf(kind, knowledge);
      const once = () => shortlist(catalogue, kind, groups);
      once();
      const before = process.memoryUsage().heapUsed;
      const started = performance.now();
      let found = 0;
      for (let run = 0; run < RUNS; run += 1) found = once();
      const each = Math.round((performance.now() - started) / RUNS);
      const grown = Math.max(0, process.memoryUsage().heapUsed - before) / 1e6;
      const peak = Math.round(process.resourceUsage().maxRSS / 1e3);
      console.log(
        `${size} names, ${kind}: ${each} ms, ${found} kept, heap +${grown.toFixed(0)} MB, process at most ${peak} MB`,
      );
      if (size !== ASKED.size) continue;
      const what = `${size} names, ${kind}`;
      targets.push(
        { what, measured: each, unit: ' ms', atMost: ASKED.ms },
        { what: `${what}, the whole process`, measured: peak, unit: ' MB', atMost: ASKED.mb },
      );
    }
  }
  showTargets(targets);

  function shortlist(
    catalogue: readonly CatalogueMetric[],
    kind: string,
    groups: ReturnType<typeof groupsOf>,
  ): number {
    const owner = { service: 'shop', kind, words: ['a shop'] };
    return shortlistCatalogue({
      service: 'shop',
      scope: { kind: 'none' },
      catalogue: ownMetrics(catalogue, owner, knowledge),
      groups,
      pinned: [],
      words: [kind],
    }).metrics.length;
  }
}

void main();
