/**
 * The upstreams of `npm run bench:load` as a process of their own: the sandbox's release system and Prometheus for
 * services `load-0001` and on, each answer delayed. Environment: SERVICES, DELAY_MS, HISTORY_HOURS. Says its
 * addresses as one line of JSON.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerPrometheus } from '../../../sandbox/prometheus/server';
import { startReleaseSystem } from '../../../sandbox/release-system';
import { exampleHosts } from '../../fixtures/stacks/stack';
import { serviceName } from './names';

const given = (name: string): number => Number(process.env[name] ?? 0);
const delayMs = given('DELAY_MS');
const historySeconds = given('HISTORY_HOURS') * 3600;

/** Whose series the sandbox has; every other service is shown the same under its own name. */
const MODEL_SERVICE = 'user-service';
/** An answer of two weeks has 300 kB. */
const MAX_KEPT = 100;
const kept = new Map<string, string>();

/** Answers are made once for all services: what is measured is the product, not the stand-in. */
function answerText(address: URL): { status: number; text: string } {
  const asked = decodeURIComponent(address.search);
  const service = /load-\d+/.exec(asked)?.[0] ?? MODEL_SERVICE;
  const params = new URLSearchParams();
  for (const [name, value] of address.searchParams) {
    // Hosts are told apart by their service in front, in expressions with the dot escaped.
    const plain = value.replaceAll(/load-\d+\\*\.(?=[a-z]+\d+-node)/g, '');
    params.append(name, plain.replaceAll(service, MODEL_SERVICE));
  }
  const start = Number(params.get('end')) - historySeconds;
  if (address.pathname.endsWith('query_range') && start > Number(params.get('start'))) {
    params.set('start', String(start));
  }
  const key = `${address.pathname}?${params.toString()}`;
  const found = kept.get(key);
  if (found !== undefined) return { status: 200, text: named(found, service) };
  const { status = 200, body } = answerPrometheus(new URL(key, address));
  const text = JSON.stringify(body);
  if (status === 200) keep(key, text);
  return { status, text: named(text, service) };
}

const named = (text: string, service: string): string =>
  text.replaceAll(MODEL_SERVICE, service).replaceAll('"host":"', `"host":"${service}.`);

function keep(key: string, text: string): void {
  if (kept.size >= MAX_KEPT) kept.delete([...kept.keys()][0] ?? '');
  kept.set(key, text);
}

async function startPrometheus(): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const address = new URL(request.url ?? '/', 'http://localhost');
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      form.forEach((value, name) => address.searchParams.append(name, value));
      setTimeout(() => {
        const { status, text } = answerText(address);
        response.writeHead(status, { 'content-type': 'application/json' }).end(text);
      }, delayMs);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function main(): Promise<void> {
  const hosts = Array.from({ length: given('SERVICES') }, (_, index) => {
    const service = serviceName(index);
    return exampleHosts(service).map((host) => ({
      ...host,
      host_id: `${service}.${host.host_id}`,
    }));
  }).flat();
  const releaseSystem = await startReleaseSystem({ hosts, pageSize: 100, delayMs });
  const prometheus = await startPrometheus();
  process.stdout.write(`${JSON.stringify({ releaseSystem: releaseSystem.url, prometheus })}\n`);
}

void main();
