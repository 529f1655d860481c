import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { issueStoreOf } from '../../../bootstrap/create-issue-store';
import { loadConfig } from '../../../config/config';
import { packageVersion } from '../../../config/package';
import { createMcpServer } from '../../../mcp/mcp-server';
import { tell } from '../../print';
import { withClient } from '../run';

/** `release-prep mcp`: the same facts for agents, over stdio, until stdin ends. stdout has the protocol alone. */
export async function mcp(): Promise<void> {
  const server = createMcpServer({
    ...{ store: issueStoreOf(loadConfig()), version: packageVersion(), onFault: tell },
    preparations: {
      status: (service, version) =>
        withClient(async (client) => {
          const found = await client.status(service, version);
          return found ?? { state: 'NOT_FOUND' };
        }),
      start: (request) =>
        withClient(async (client) => {
          const { workflowId, runId } = await client.start(request);
          return { workflow_id: workflowId, run_id: runId };
        }),
    },
  });
  const ended = new Promise((resolve) => {
    process.stdin.once('end', resolve);
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await server.connect(new StdioServerTransport());
  await ended;
  await server.close();
}
