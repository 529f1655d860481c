import type { Command } from 'commander';
import { PROGRAM } from './invocation';

/** What people run most, by the path of the command. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  prepare: [
    'prepare --service cart --version v2.4.0',
    'prepare --service cart --version v2.4.0 --embedded --dry-run',
    'prepare --service cart --version v2.4.0 --hosts hosts.json --json > issue.json',
    'prepare --service cart --version v2.4.0 --executor deploy-cart',
    'prepare --service cart --version v2.4.0 --by dana',
  ],
  show: ['show cart', 'show cart v2.4.0 --html > issue.html', 'show cart-v2.4.0-r1 --json'],
  check: [
    'check cart v2.4.0 --action action.json --state release.json',
    'check cart-v2.4.0-r1 --action - < actions.jsonl',
  ],
  export: [
    'export cart v2.4.0 --to prometheus > release-rules.yaml',
    'export cart-v2.4.0-r1 --to argo-rollouts --out rollout',
    'export cart v2.4.0 --to pull-request > comment.md',
  ],
  list: ['list --service cart --limit 10', 'list --json'],
  status: ['status cart v2.4.0', 'status cart v2.4.0 --watch'],
  cancel: ['cancel cart v2.4.0'],
  resume: ['resume cart v2.4.0'],
  retry: ['retry cart v2.4.0 --step setThresholds'],
  'claim show': ['claim show cart'],
  'claim release': ['claim release cart --by dana --reason "the executor was deleted"'],
  'rollout status': ['rollout status cart v2.4.0', 'rollout status cart v2.4.0 --watch'],
  'rollout pause': ['rollout pause cart v2.4.0 --reason "the team is at lunch"'],
  'rollout continue': ['rollout continue cart v2.4.0'],
  'rollout abort': ['rollout abort cart v2.4.0 --reason "wrong version" --rollback'],
  'rollout approve': [
    'rollout approve cart v2.4.0',
    'rollout approve cart v2.4.0 --by dana --reason "reviewed with the team"',
  ],
  try: [
    'try verify --service cart --version v2.4.0',
    'try chain --service cart --mermaid',
    'try chain --service cart --explain web stock',
    'try metrics --service cart',
    'try plan --service cart --markdown',
  ],
  'knowledge check': ['knowledge check', 'knowledge check ./knowledge'],
  init: ['init', 'init --kubernetes'],
  doctor: ['doctor'],
  serve: ['serve', 'SERVE_TOKENS_FILE=tokens.json SERVE_ADDRESS=0.0.0.0:8088 EXAMPLE serve'],
  mcp: ['mcp'],
  codec: ['codec --address 127.0.0.1:8888'],
  worker: ['worker', 'LOG_LEVEL=debug EXAMPLE worker'],
  demo: ['demo', 'demo --execute', 'demo --execute --fault latency', 'demo --stay', 'demo --json'],
};

/** Adds examples to the help of every command; each works from the folder in which the help was asked for. */
export function addExamples(root: Command, before: readonly string[] = []): void {
  for (const command of root.commands) {
    const path = [...before, command.name()];
    const lines = EXAMPLES[path.join(' ')]?.map((line) =>
      line.includes('EXAMPLE') ? line.replace('EXAMPLE', PROGRAM) : `${PROGRAM} ${line}`,
    );
    if (lines !== undefined)
      command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    addExamples(command, path);
  }
}
