import os from 'node:os';
import { jsonFault } from '../adapters/files/decode-text';
import { readStream } from '../adapters/files/read-stream';
import {
  DEFAULT_BOUNDS,
  parseBoundedJson,
  type JsonBounds,
} from '../adapters/upstream/bounded-json';
import { usage } from './exit-codes';

/** 100,000 hosts with labels, or the samples of a release of 10,000 hosts, hold fewer values. */
export const FILE_BOUNDS: JsonBounds = { ...DEFAULT_BOUNDS, values: 5_000_000, keys: 200_000 };

/** 100,000 hosts with labels have 50 MB. */
const MAX_INPUT_BYTES = 256 * 1024 * 1024;

/** A file's, a pipe's or stdin's JSON; `expected` ends the message of one that is none. */
export async function readJson(source: string, what: string, expected = ''): Promise<unknown> {
  let content: string;
  try {
    content = await readStream(source === '-' ? process.stdin : source, MAX_INPUT_BYTES);
  } catch (error) {
    throw usage(`${what}: ${(error as Error).message}`);
  }
  try {
    return parseBoundedJson(content, FILE_BOUNDS);
  } catch (error) {
    throw usage(
      `${what}: ${source === '-' ? 'stdin' : source} is no JSON: ${jsonFault(content, error)}${expected}`,
    );
  }
}

/** Tags that may refer to another version tomorrow: an issue applies to one version only. */
const MOVING = new Set([
  'latest',
  'stable',
  'current',
  'newest',
  'main',
  'master',
  'head',
  'edge',
  'nightly',
]);

/** Refuses a name that does not identify one version, before anything is started. */
export function checkVersion(version: string): void {
  if (MOVING.has(version.trim().toLowerCase()))
    throw usage(
      `--version: "${version}" names a different version over time; give the version itself`,
    );
  if (/\s/.test(version.trim()))
    throw usage(`--version: "${version}" must not contain white space`);
}

const HOSTS = 'must be a JSON list such as [{"host_id": "web-1", "host_ip": "10.0.0.1"}]';

/** `[…]` or `{"hosts": […]}`; the client checks each host. */
export async function readHosts(source: string | undefined): Promise<unknown> {
  if (source === undefined) return undefined;
  const content = await readJson(source, '--hosts', `; --hosts ${HOSTS}`);
  const hosts = Array.isArray(content)
    ? (content as unknown[])
    : (content as { hosts?: unknown } | null)?.hosts;
  const isHost = (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one);
  if (!Array.isArray(hosts) || !hosts.every(isHost))
    throw usage(`--hosts: ${HOSTS}, or {"hosts": [...]} with that list`);
  if (hosts.length === 0)
    throw usage('--hosts: the list is empty; for all hosts leave --hosts out');
  return hosts;
}

/** Of the operating system; undefined where the user has none (a container with a bare id). */
export function userName(): string | undefined {
  try {
    return os.userInfo().username;
  } catch {
    return undefined;
  }
}
