/** How long planning takes by fleet size, and how large the plans are: `npm run bench:plan`. */
import { planBatches } from '../../src/steps/release-plan/plan-batches';
import { hostOf, policy } from '../fixtures/fleets';
import { median, percentile } from './statistics';
import { showTargets, type Target } from './targets';

const RUNS = 7;

function fleet(size: number, domains: number) {
  return Array.from({ length: size }, (_, i) =>
    hostOf(i, {
      host_id: `dc${i % domains}-service-node-${String(i).padStart(6, '0')}`,
      host_ip: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
      zone: `z${i % domains}`,
      labels: { rack: `r${i % 40}` },
      load: { cpu: ((i * 7919) % 100) / 250, memory: 0.5 },
    }),
  );
}

/** Of the issue: a fleet of up to 2,000 hosts, and one of 100,000. */
const LIMITS: Record<number, number> = { 2_000: 200, 100_000: 2_000 };
const targets: Target[] = [];

console.log('hosts    domains  batches  median ms  max ms   plan bytes');
for (const [size, domains] of [
  [7, 3],
  [100, 5],
  [2_000, 30],
  [10_000, 30],
  [100_000, 30],
  [100_000, 5_000],
] as const) {
  const hosts = fleet(size, domains);
  const facts = { service: 's', targets: hosts, fleet: hosts };
  const times: number[] = [];
  let plan = planBatches(facts, policy({ first_share: 0.005 }));
  for (let run = 0; run < RUNS; run += 1) {
    const start = performance.now();
    plan = planBatches(facts, policy({ first_share: 0.005 }));
    times.push(performance.now() - start);
  }
  const bytes = Buffer.byteLength(JSON.stringify(plan));
  const cells = [
    size,
    domains,
    plan.batches.length,
    median(times).toFixed(1),
    percentile(times, 1).toFixed(1),
    bytes,
  ];
  console.log(cells.map((cell) => String(cell).padEnd(8)).join(' '));
  const atMost = LIMITS[size];
  const what = `a plan for ${size} hosts in ${domains} domains, longest of ${RUNS}`;
  if (atMost !== undefined)
    targets.push({ what, measured: percentile(times, 1), unit: ' ms', atMost });
}
showTargets(targets);
