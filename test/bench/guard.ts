/** How large the guard is and how long one check takes: `npm run bench:guard`. */
import path from 'node:path';
import { buildSync } from 'esbuild';
import { createGuard, stateOf, type Event } from '../../src/guard/guard';
import {
  at,
  DIGEST,
  deploy,
  approve,
  guardedIssue,
  judge,
  passed,
  samples,
} from '../guard/guarded-issue';

const CHECKS = 20_000;

function microseconds(check: () => unknown): number {
  for (let warm = 0; warm < 2_000; warm += 1) check();
  const began = process.cpuUsage();
  for (let run = 0; run < CHECKS; run += 1) check();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / CHECKS;
}

function main(): void {
  const { outputFiles } = buildSync({
    entryPoints: [path.resolve(__dirname, '../../src/guard/guard.ts')],
    ...{ bundle: true, minify: true, write: false, format: 'esm' },
  });
  process.stdout.write(`minified: ${outputFiles[0]?.contents.length} bytes (target 20,000)\n`);
  const guard = createGuard(guardedIssue());
  const middle: Event[] = [approve(0), ...passed(1, 10), deploy(2, 700)];
  const end: Event[] = [
    ...middle,
    judge('memory', 2, 2500, samples(760, 2500)),
    judge('traffic', 2, 2500, samples(760, 2500)),
  ];
  const [atMiddle, atEnd] = [stateOf(middle), stateOf(end)];
  const few = samples(760, 1000);
  const rows: [string, () => unknown][] = [
    [
      'deploy',
      () =>
        guard.check(
          atMiddle,
          { type: 'deploy', batch_id: 2, host_ids: ['h2'], version: 'v2', digest: DIGEST },
          at(710),
        ),
    ],
    [
      'judge, 17 samples',
      () =>
        guard.check(
          atMiddle,
          { type: 'judge', rule_id: 'memory', batch_id: 2, samples: few, digest: DIGEST },
          at(1000),
        ),
    ],
    [
      'rollback',
      () =>
        guard.check(
          atMiddle,
          { type: 'rollback', host_ids: ['h1'], version: 'v1', digest: DIGEST },
          at(1000),
        ),
    ],
    [
      'promote after 2 × 117 samples',
      () => guard.check(atEnd, { type: 'promote', batch_id: 2, digest: DIGEST }, at(2500)),
    ],
  ];
  for (const [name, check] of rows)
    process.stdout.write(`${name}: ${microseconds(check).toFixed(1)} µs of CPU (target 50)\n`);
}

main();
