/** How long planning takes by fleet size, and how large the plans are: `npm run bench:plan`. */
import { planBatches } from '../../src/steps/plan/release-plan';
import { hostOf, policy } from '../fixtures/fleets';

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
  times.sort((a, b) => a - b);
  const bytes = Buffer.byteLength(JSON.stringify(plan));
  const cells = [
    size,
    domains,
    plan.batches.length,
    times[3]?.toFixed(1),
    times.at(-1)?.toFixed(1),
    bytes,
  ];
  console.log(cells.map((cell) => String(cell).padEnd(8)).join(' '));
}
