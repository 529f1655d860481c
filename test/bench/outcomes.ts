/**
 * How well predictions held over stored outcomes: `npm run bench:outcomes -- [--store URL]`. Without a store the demo is
 * released once calm and once with each of its faults, against the stand-in for Prometheus, and these are scored.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { FAULTS } from '../../src/cli/choices';
import { createIssueStore } from '../../src/adapters/issue-store/issue-store';
import {
  scorePredictions,
  type Released,
  type Share,
} from '../../src/steps/outcomes/prediction-score';

const CLI = path.resolve(__dirname, '../../dist/src/cli.js');
const MAX_ISSUES = 1_000;

async function stored(url: string): Promise<Released[]> {
  const store = createIssueStore({ url, index: '' });
  const found: Released[] = [];
  for (const { issue_id: id } of await store.list({ limit: MAX_ISSUES })) {
    const outcome = await store.outcome(id);
    const issue = outcome === null ? null : await store.get(id);
    if (outcome !== null && issue !== null) found.push({ issue, outcome });
  }
  return found;
}

function demo(fault?: string): Promise<Released> {
  const options = ['demo', '--execute', '--json', '--prometheus', 'stand-in'];
  const args = fault === undefined ? options : [...options, '--fault', fault];
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('close', () => {
      try {
        resolve(JSON.parse(out) as Released);
      } catch {
        reject(
          new Error(`the demo${fault === undefined ? '' : ` with ${fault}`} printed no outcome`),
        );
      }
    });
  });
}

async function demos(): Promise<Released[]> {
  const found: Released[] = [];
  for (const fault of [undefined, ...FAULTS]) {
    const one = await demo(fault);
    console.error(`${fault ?? 'calm'}: ${one.outcome.result}`);
    found.push(one);
  }
  return found;
}

const text = ({ held, of }: Share): string => `${held} of ${of}`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { store: { type: 'string' } } });
  const released = values.store === undefined ? await demos() : await stored(values.store);
  const score = scorePredictions(released);
  const results = Object.entries(score.results).map(([result, count]) => `${count} ${result}`);
  const rows = [
    ['releases', `${score.releases}: ${results.join(', ')}`],
    ['rules that kept their level in calm releases', text(score.levels)],
    ['rules with a p99 within twice what was expected', text(score.usual)],
    ['predicted risks that happened', text(score.precision)],
    ['risks that happened and had been predicted', text(score.recall)],
    ['repairs that helped', text(score.repairs)],
    [
      'observation time, of the predicted',
      score.time === null ? '–' : `${Math.round(score.time * 100)} %`,
    ],
  ];
  console.log(
    ['| measure | value |', '|-|-|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join(
      '\n',
    ),
  );
}

void main();
