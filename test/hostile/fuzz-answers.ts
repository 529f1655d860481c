/**
 * The whole attack of hostile answers: `npm run fuzz:answers -- --answers 2000 [--seed N] [--targets hosts,model]`. Each
 * target has a process of its own. Exits with 1 on a fault, a computation over a second or a process that ended.
 */
import { parseArgs } from 'node:util';
import { attack } from '../fixtures/hostile/attack';
import { TARGETS, type Target } from '../fixtures/hostile/targets';

const MAX_CPU_MS = 1_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      answers: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      first: { type: 'string', default: '0' },
      targets: { type: 'string', default: TARGETS.join() },
    },
  });
  const seed = Number(values.seed);
  for (const target of values.targets.split(',') as Target[]) {
    const options = { answers: Number(values.answers), first: Number(values.first), seed };
    const { attacked, ended } = await attack([target], options);
    for (const { answers, read, longest, heapMb, faults } of attacked) {
      const bad = faults.length > 0 || longest.ms >= MAX_CPU_MS;
      if (bad) process.exitCode = 1;
      print(
        `${bad ? 'FAULT' : 'ok   '} ${target}: ${answers} answers, ${read} read, longest ${longest.ms} ms (${longest.at}), heap ${heapMb} MB`,
      );
      for (const fault of faults) print(`      ${fault}`);
    }
    if (ended === 'exited') continue;
    process.exitCode = 1;
    print(`FAULT ${target}: the process ended with ${ended}`);
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
void main();
