import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { IssueStore } from '../adapters/issue-store/issue-store';
import { redact } from '../adapters/redaction';
import { printableJson } from '../adapters/terminal/printable';
import { ServiceName, Version } from '../domain/release';
import { checkAction } from '../gates/check-action';
import { issuePage } from '../gates/issue-page';
import { issuePart, PARTS } from './issue-parts';

export type McpDeps = {
  store: Pick<IssueStore, 'get' | 'latest' | 'list' | 'approvals'>;
  /** Of Temporal; each call connects. */
  preparations: {
    status(service: string, version: string): Promise<unknown>;
    start(request: object): Promise<unknown>;
  };
  version: string;
  onFault: (reason: string) => void;
};

/** A model reads at most so much at once, in characters. */
const MAX_ANSWER = 24_000;
const MAX_FAULT = 500;
const IssueId = z.string().regex(/^[a-z0-9-]{1,200}$/, 'is no issue id');
const READS = { readOnlyHint: true, openWorldHint: false } as const;

/** The facts of recorded issues for agents: tools that read, and one that starts a preparation. */
export function createMcpServer(deps: McpDeps): McpServer {
  const { store, preparations, version, onFault } = deps;
  const server = new McpServer({ name: 'release-prep', version });
  const issueOf = async (id: string) => {
    const issue = await store.get(id);
    if (issue === null) throw new Error(`No issue ${id} is recorded.`);
    return issue;
  };
  server.registerTool(
    'list_issues',
    {
      description: 'List recorded release issues, the newest first.',
      inputSchema: z.strictObject({
        service: ServiceName.optional(),
        cursor: z.string().max(300).optional(),
      }),
      annotations: { title: 'List issues', ...READS },
    },
    (input) => answer(() => issuePage(store, { ...input, limit: 20, onForeign: onFault })),
  );
  server.registerTool(
    'get_issue',
    {
      description:
        'Read one part of a release issue: summary (verdict, approvals), plan (batches, hosts), rules (thresholds, what answers a breach), risks, or warnings.',
      inputSchema: z.strictObject({
        issue_id: IssueId,
        part: z.enum(PARTS).default('summary'),
        batch_id: z
          .int()
          .positive()
          .optional()
          .describe('of the plan: this batch alone, with more of its hosts'),
      }),
      annotations: { title: 'Read an issue', ...READS },
    },
    ({ issue_id: id, part, batch_id: batchId }) =>
      answer(async () => {
        const fits = (whole: object) => printableJson(whole).length <= MAX_ANSWER;
        return issuePart(await issueOf(id), {
          part,
          fits,
          ...(batchId !== undefined && { batchId }),
        });
      }),
  );
  server.registerTool(
    'check_action',
    {
      description:
        'Ask the guard whether an action is within an issue. Call it before every action of a release; do nothing that is not allowed. It changes nothing. The action needs the digest of the issue; state.events is what has happened so far.',
      inputSchema: z.strictObject({
        issue_id: IssueId,
        action: z.record(z.string(), z.unknown()),
        state: z.strictObject({ events: z.array(z.unknown()).max(10_000) }).optional(),
      }),
      annotations: { title: 'Check an action', ...READS },
    },
    ({ issue_id: id, action, state }) =>
      answer(async () => {
        const facts = { action, events: state?.events ?? [], now: new Date() };
        return checkAction(store, await issueOf(id), facts, onFault);
      }),
  );
  const release = { service: ServiceName, version: Version };
  server.registerTool(
    'get_preparation',
    {
      description: 'The state of a preparation: phase, steps, and why it failed.',
      inputSchema: z.strictObject(release),
      annotations: { title: 'State of a preparation', ...READS },
    },
    (input) => answer(() => preparations.status(input.service, input.version)),
  );
  server.registerTool(
    'prepare_release',
    {
      description:
        'Start the preparation of a release, or join the one that runs. It deploys nothing; it records an issue that nobody is sent.',
      inputSchema: z.strictObject({ ...release, requested_by: z.string().max(128).optional() }),
      annotations: {
        title: 'Prepare a release',
        ...{ readOnlyHint: false, destructiveHint: false, idempotentHint: true },
        openWorldHint: true,
      },
    },
    (input) => answer(() => preparations.start({ ...input, delivery: 'none' })),
  );
  return server;
}

type Answer = { content: { type: 'text'; text: string }[]; isError?: boolean };
const textAnswer = (text: string): Answer => ({ content: [{ type: 'text', text }] });

/** A bounded JSON text; what fails is an answer too, which the agent can act on. */
async function answer(body: () => Promise<unknown>): Promise<Answer> {
  try {
    const text = printableJson(await body());
    if (text.length <= MAX_ANSWER) return textAnswer(text);
    throw new Error(`The answer has over ${MAX_ANSWER} characters: ask for less.`);
  } catch (error) {
    return { ...textAnswer(redact((error as Error).message).slice(0, MAX_FAULT)), isError: true };
  }
}
