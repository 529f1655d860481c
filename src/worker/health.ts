import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { redact } from '../adapters/redaction';

/** What the probes ask of a worker. */
export type WorkerHealth = {
  /** Of the Temporal SDK: INITIALIZED, RUNNING, STOPPING, DRAINING, …; STARTING before there is a worker. */
  state: () => string;
  /** Throws when Temporal does not answer. */
  askTemporal: () => Promise<void>;
  /** Further fields of the answer: task queue, build. */
  about: Record<string, string>;
};
export type HealthServer = { url: string; stop(): Promise<void> };

/** Several probes come every few seconds; a failure is remembered for a shorter time. */
const REACHABLE_KEPT_MS = 5_000;
const UNREACHABLE_KEPT_MS = 1_000;
const READY_STATE = 'RUNNING';
/** States of the SDK in which a worker does no more work although its process runs. */
const DEAD_STATES = new Set(['FAILED', 'STOPPED']);

/**
 * `/livez` (restart me when this fails) and `/readyz` (I take work: polling, Temporal reachable, not ending), in JSON,
 * 200 or 503. Throws when the address cannot be used.
 */
export async function startHealthServer(
  address: string,
  health: WorkerHealth,
): Promise<HealthServer> {
  const split = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, split), Number(address.slice(split + 1))];
  const temporal = remembered(health);
  const answers: Record<string, () => Promise<Answer>> = {
    '/livez': () => Promise.resolve(livez(health)),
    '/readyz': async () => readyz(health, await temporal()),
  };
  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    void respond(request, response, answers);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`HEALTH_ADDRESS: ${error.message}`)));
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Answer = { isWell: boolean; body: Record<string, unknown> };
type Reached = { reachable: boolean; error?: string };

const livez = ({ state, about }: WorkerHealth): Answer => ({
  isWell: !DEAD_STATES.has(state()),
  body: { worker: state(), ...about },
});

function readyz({ state, about }: WorkerHealth, temporal: Reached): Answer {
  const worker = state();
  return {
    isWell: worker === READY_STATE && temporal.reachable,
    body: { worker, draining: ENDING.has(worker), temporal, ...about },
  };
}
const ENDING = new Set(['STOPPING', 'DRAINING', 'DRAINED', 'STOPPED']);

/** Asks Temporal at most once per period, however often probes come. */
function remembered({ askTemporal }: WorkerHealth): () => Promise<Reached> {
  let known: Promise<Reached> | undefined;
  let until = 0;
  const ask = async (): Promise<Reached> => {
    try {
      await askTemporal();
      until = Date.now() + REACHABLE_KEPT_MS;
      return { reachable: true };
    } catch (error) {
      until = Date.now() + UNREACHABLE_KEPT_MS;
      return { reachable: false, error: redact((error as Error).message) };
    }
  };
  return () => {
    if (known === undefined || Date.now() > until) {
      until = Infinity;
      known = ask();
    }
    return known;
  };
}

async function respond(
  { method, url = '/' }: IncomingMessage,
  response: ServerResponse,
  answers: Record<string, () => Promise<Answer>>,
): Promise<void> {
  const answer = answers[url.split('?')[0] ?? ''];
  if (method !== 'GET' && method !== 'HEAD') return reply(response, 405, { error: 'use GET' });
  if (answer === undefined) return reply(response, 404, { error: 'use /livez or /readyz' });
  const { isWell, body } = await answer();
  reply(response, isWell ? 200 : 503, { status: isWell ? 'ok' : 'unavailable', ...body });
}

function reply(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}
