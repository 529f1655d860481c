import type { Client, Connection } from '@temporalio/client';
import { ensureSearchAttributes } from '../temporal/search-attributes';
import { pollersOf } from '../adapters/task-queue-pollers';
import { PROGRAM } from './invocation';

/** What a preparation needs of Temporal but a connection; undefined: nothing is missing. */
export async function missingWorker(
  client: Client,
  taskQueue: string,
): Promise<string | undefined> {
  const pollers = await pollersOf(client, taskQueue);
  switch (pollers.kind) {
    case 'some':
      return undefined;
    case 'none':
      return `no worker polls task queue ${taskQueue}: start one with \`${PROGRAM} worker\`, or use \`prepare --embedded\``;
    case 'idle':
      return (
        `the workers on task queue ${taskQueue} belong to worker deployment ${pollers.deployment}, of which no version ` +
        'is current: run `temporal worker deployment set-current-version`, or unset WORKER_DEPLOYMENT_NAME'
      );
  }
}

/**
 * Registers the search attributes that the namespace lacks. Throws, with the commands to run, when they are missing and
 * may not be registered. A server that does not list them (Temporal Cloud, some API keys) is taken to have them.
 */
export async function registerSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<void> {
  try {
    await connection.operatorService.listSearchAttributes({ namespace });
  } catch {
    return;
  }
  await ensureSearchAttributes(connection, namespace);
}
