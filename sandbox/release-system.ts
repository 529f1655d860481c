/** SANDBOX: a stand-in for a company's release system (docs/release-system.openapi.yaml). */
import type { Host } from '../src/domain/host';
import { createHostChanges, type Accepted, type Fate, type HostChange } from './host-changes';
import { serveJson, type Answer, type SandboxServer } from './http-server';

export type SandboxReleaseSystem = SandboxServer & {
  setHosts(hosts: Host[]): void;
  /** The hosts as they are now. */
  hosts(): Host[];
  /** What was deployed or mitigated, each effect once. */
  readonly changes: readonly Accepted[];
};

type Options = {
  hosts: Host[];
  token?: string;
  pageSize?: number;
  port?: number;
  delayMs?: number;
  /** What it says that it can do; without it, it does not know the question. */
  actions?: readonly string[];
  fate?: (change: HostChange, earlier: readonly Accepted[]) => Partial<Fate>;
  /** Answers in place of the release system, for faults. */
  intercept?: (address: URL, method: string) => Answer | undefined;
};

const NOT_FOUND: Answer = { status: 404, body: { error: 'not found' } };

/** Lists hosts page by page without details, so that each needs its second call, as large systems do. */
export async function startReleaseSystem(options: Options): Promise<SandboxReleaseSystem> {
  let { hosts } = options;
  const changes = createHostChanges({ hosts: () => hosts, fate: options.fate });
  const server = await serveJson(
    (address, request, body) => {
      const allowed =
        options.token === undefined || request.headers.authorization === `Bearer ${options.token}`;
      if (!allowed) return { status: 401, body: { error: 'unauthorised' } };
      const fault = options.intercept?.(address, request.method ?? 'GET');
      if (fault !== undefined) return fault;
      changes.settle();
      const changed = changes.answer(address, request, body);
      if (changed !== undefined) return changed;
      if (address.pathname === '/v1/capabilities')
        return options.actions === undefined ? NOT_FOUND : { body: { actions: options.actions } };
      return address.pathname === '/v1/hosts'
        ? page(hosts, address, options.pageSize ?? 3)
        : hostAt(hosts, address);
    },
    options.port,
    options.delayMs,
  );
  return {
    ...server,
    setHosts: (next) => (hosts = next),
    hosts: () => hosts,
    changes: changes.accepted,
  };
}

function page(hosts: readonly Host[], address: URL, size: number): Answer {
  const service = address.searchParams.get('service');
  const from = Number(address.searchParams.get('cursor') ?? 0);
  const all = hosts.filter((host) => host.services.some(({ name }) => name === service));
  const listed = all.slice(from, from + size).map(({ host_id, host_ip }) => ({ host_id, host_ip }));
  const next = from + size < all.length ? { next_cursor: String(from + size) } : {};
  return { body: { hosts: listed, ...next } };
}

function hostAt(hosts: readonly Host[], address: URL): Answer {
  const id = /^\/v1\/hosts\/([^/]+)$/.exec(address.pathname)?.[1];
  const host = hosts.find(({ host_id }) => id !== undefined && host_id === decodeURIComponent(id));
  return host === undefined ? NOT_FOUND : { body: host };
}
