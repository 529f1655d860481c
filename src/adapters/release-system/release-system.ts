import pLimit from 'p-limit';
import { z } from 'zod';
import { Host, type HostRef } from '../../domain/host';
import { MitigationAction } from '../../domain/risk';
import { createFairLimit, type FairLimit } from '../limits/fair-limit';
import { requestJson } from '../upstream/http';
import { readJsonFile } from '../files/json-file';
import { UpstreamError } from '../upstream/upstream-error';

/** A list item: with `status` and `services` it needs no second call. */
const ListedHost = Host.partial({ status: true, services: true });
/** `{"hosts": […]}`, or the list alone (docs/hosts-file.md). */
const HostFile = z.preprocess(
  (content) => (Array.isArray(content) ? { hosts: content } : content),
  z.object(
    {
      hosts: z.array(Host, 'must be a list of hosts'),
    },
    'must be {"hosts": [...]} or a list of hosts (docs/hosts-file.md)',
  ),
);
const Capabilities = z.object({ actions: z.array(z.string().max(64)).max(64) });
/** A release system without `v1/capabilities` can deploy and roll back (contract of the release system). */
const LEAST_CAPABILITIES = ['deploy', 'rollback'];
/** Asking again for something else cannot help: the token is wrong. */
const NOT_ALLOWED: readonly (number | undefined)[] = [401, 403];

/** The largest fleet in pages of five; known systems give 100 hosts or more in a page. */
const MAX_PAGES = 4_000;
const MAX_EMPTY_PAGES = 20;
/** Of all pages of one list, waiting for turns included; below the time of the activity that reads it. */
const MAX_LIST_MS = 5 * 60_000;
/** An address has room for no more. */
const MAX_CURSOR = 2_000;
const HostPage = z.object({
  hosts: z.array(ListedHost),
  next_cursor: z.string().max(MAX_CURSOR).nullish(),
});
/** Above this a fleet is not one service's, and Temporal's payloads would not carry its plan. */
const MAX_HOSTS = 20_000;
/** Detail calls of one fleet that wait or run; `limit` is for all fleets together. */
const PARALLEL_CALLS = 8;

export type ReleaseSystem = {
  /** All hosts of a service with details; a host that is gone meanwhile has status `gone`. Throws UpstreamError. */
  hostsOf(service: string, signal?: AbortSignal): Promise<Host[]>;
  /** Only ids and addresses: a few pages, without a call for each host. */
  hostRefsOf(service: string, signal?: AbortSignal): Promise<HostRef[]>;
  /** The names of all services, where they can be read at once. */
  serviceNames?(): Promise<string[]>;
  /** Its actions: `deploy`, `rollback` and mitigations. Only these can answer a breach. */
  capabilities(signal?: AbortSignal): Promise<string[]>;
};

export type ReleaseSystemOptions = {
  url: string;
  token?: string;
  /** This worker's share of it; without it, one of 8 requests at once. */
  limit?: FairLimit;
};

/** The release system by HTTP (docs/release-system.openapi.yaml), or a `file:` of hosts. */
export function createReleaseSystem(options: ReleaseSystemOptions): ReleaseSystem {
  return options.url.startsWith('file:') ? fromFile(options.url) : fromHttp(options);
}

function fromFile(url: string): ReleaseSystem {
  const read = () => readJsonFile('release-system', url, HostFile);
  const hostsOf = async (service: string) => {
    const { hosts } = await read();
    return unique(hosts.filter((host) => host.services.some(({ name }) => name === service)));
  };
  return {
    hostsOf,
    hostRefsOf: async (service) => (await hostsOf(service)).map(refOf),
    async serviceNames() {
      const { hosts } = await read();
      return [...new Set(hosts.flatMap(({ services }) => services.map(({ name }) => name)))];
    },
    // A file says nothing of it: people carry the release out, and every action counts as possible.
    capabilities: () => Promise.resolve(['deploy', ...MitigationAction.options]),
  };
}

const refOf = ({ host_id, host_ip }: HostRef): HostRef => ({ host_id, host_ip });

function fromHttp({
  url,
  token,
  limit = createFairLimit({ upstream: 'release-system', atOnce: PARALLEL_CALLS }),
}: ReleaseSystemOptions): ReleaseSystem {
  const base = url.endsWith('/') ? url : `${url}/`;
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const get = <Schema extends z.ZodType>(address: URL, schema: Schema, signal?: AbortSignal) =>
    limit(
      () => requestJson({ upstream: 'release-system', url: address, schema, headers, signal }),
      {
        signal,
      },
    );

  async function* pages(service: string, signal?: AbortSignal) {
    const seen = new Set<string>();
    const until = performance.now() + MAX_LIST_MS;
    let cursor: string | null | undefined;
    let empty = 0;
    do {
      if (seen.size >= MAX_PAGES)
        throw broken(`more than ${MAX_PAGES} pages of hosts of ${service}`);
      if (performance.now() > until)
        throw new UpstreamError(
          'release-system',
          `the list of hosts of ${service} did not end within ${MAX_LIST_MS / 60_000} min (${seen.size} pages read)`,
        );
      const address = new URL('v1/hosts', base);
      address.searchParams.set('service', service);
      if (cursor) address.searchParams.set('cursor', cursor);
      const page = await get(address, HostPage, signal);
      yield page.hosts;
      empty = page.hosts.length === 0 ? empty + 1 : 0;
      if (empty > MAX_EMPTY_PAGES)
        throw broken(
          `${empty} pages of hosts of ${service} in a row are empty and name a next one`,
        );
      cursor = page.next_cursor;
      if (cursor && seen.has(cursor))
        throw broken(`the cursor ${cursor} came twice for the hosts of ${service}`);
      if (cursor) seen.add(cursor);
    } while (cursor);
  }

  async function detailsOf(host: z.infer<typeof ListedHost>, signal?: AbortSignal): Promise<Host> {
    const { status, services } = host;
    if (status !== undefined && services !== undefined) return { ...host, status, services };
    try {
      return await get(new URL(`v1/hosts/${encodeURIComponent(host.host_id)}`, base), Host, signal);
    } catch (error) {
      if (error instanceof UpstreamError && error.status === 404) {
        return { ...host, status: 'gone', services: [] };
      }
      throw error;
    }
  }

  async function listOf(service: string, signal?: AbortSignal) {
    const listed: z.infer<typeof ListedHost>[] = [];
    for await (const hosts of pages(service, signal)) {
      listed.push(...hosts);
      if (listed.length > MAX_HOSTS) throw broken(`more than ${MAX_HOSTS} hosts of ${service}`);
    }
    return listed;
  }

  return {
    async capabilities(signal) {
      try {
        const { actions } = await get(new URL('v1/capabilities', base), Capabilities, signal);
        return [...new Set(actions)];
      } catch (error) {
        // 404, or an answer of another shape from a system that answers every path: it does not know the question.
        const unknown =
          error instanceof UpstreamError && error.permanent && !NOT_ALLOWED.includes(error.status);
        if (unknown) return LEAST_CAPABILITIES;
        throw error;
      }
    },

    hostRefsOf: async (service, signal) => (await listOf(service, signal)).map(refOf),

    async hostsOf(service, signal) {
      const atOnce = pLimit(PARALLEL_CALLS);
      const listed = await listOf(service, signal);
      try {
        return unique(
          await Promise.all(listed.map((host) => atOnce(() => detailsOf(host, signal)))),
        );
      } finally {
        atOnce.clearQueue();
      }
    },
  };
}

function unique(hosts: Host[]): Host[] {
  const ids = new Set<string>();
  for (const { host_id } of hosts) {
    if (ids.has(host_id)) throw broken(`host_id ${host_id} came twice`);
    ids.add(host_id);
  }
  return hosts;
}

const broken = (message: string) =>
  new UpstreamError('release-system', message, { permanent: true });
