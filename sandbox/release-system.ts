/** SANDBOX: a stand-in for a company's release system (docs/release-system.openapi.yaml). */
import type { Host } from '../src/domain/host';
import { serveJson, type SandboxServer } from './http-server';

export type SandboxReleaseSystem = SandboxServer & { setHosts(hosts: Host[]): void };

/** Lists hosts page by page without details, so that each needs its second call, as large systems do. */
export async function startReleaseSystem(options: {
  hosts: Host[];
  token?: string;
  pageSize?: number;
  port?: number;
  delayMs?: number;
}): Promise<SandboxReleaseSystem> {
  let { hosts } = options;
  const pageSize = options.pageSize ?? 3;
  const server = await serveJson(
    (address, request) => {
      const allowed =
        options.token === undefined || request.headers.authorization === `Bearer ${options.token}`;
      if (!allowed) return { status: 401, body: { error: 'unauthorised' } };
      if (address.pathname === '/v1/hosts') {
        const service = address.searchParams.get('service');
        const from = Number(address.searchParams.get('cursor') ?? 0);
        const all = hosts.filter((host) => host.services.some(({ name }) => name === service));
        const page = all
          .slice(from, from + pageSize)
          .map(({ host_id, host_ip }) => ({ host_id, host_ip }));
        const next = from + pageSize < all.length ? { next_cursor: String(from + pageSize) } : {};
        return { body: { hosts: page, ...next } };
      }
      const id = /^\/v1\/hosts\/([^/]+)$/.exec(address.pathname)?.[1];
      const host = hosts.find(
        ({ host_id }) => id !== undefined && host_id === decodeURIComponent(id),
      );
      return host === undefined ? { status: 404, body: { error: 'not found' } } : { body: host };
    },
    options.port,
    options.delayMs,
  );
  return { ...server, setHosts: (next) => (hosts = next) };
}
