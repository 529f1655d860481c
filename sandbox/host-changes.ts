/** SANDBOX: deployments and mitigations of the stand-in for a release system; each takes a moment. */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Host } from '../src/domain/host';
import type { Answer } from './http-server';

const Deployment = z.object({
  service: z.string(),
  version: z.string(),
  host_ids: z.array(z.string()).min(1),
});
const Mitigation = z.object({
  action: z.string(),
  service: z.string(),
  host_ids: z.array(z.string()).min(1),
});
export type HostChange =
  | ({ kind: 'deployment' } & z.infer<typeof Deployment>)
  | ({ kind: 'mitigation' } & z.infer<typeof Mitigation>);

/** What becomes of a change; `never` keeps it running. */
export type Fate = { end: 'succeeded' | 'failed' | 'never'; afterMs: number };
/** `until`: when it is done; Infinity where it never is. Both in milliseconds since 1970. */
export type Accepted = HostChange & { id: string; key: string; at: number; until: number };

type Options = {
  hosts: () => readonly Host[];
  /** How each change goes. */
  fate?: (change: HostChange, earlier: readonly Accepted[]) => Partial<Fate>;
};

const DEFAULT_MS = 300;

/** Answers `POST` and `GET` of `/v1/deployments` and `/v1/mitigations`; a repeated key has the first answer. */
export function createHostChanges({ hosts, fate = () => ({}) }: Options) {
  const accepted: Accepted[] = [];
  const ends = new Map<string, Fate['end']>();
  const done = new Set<string>();

  const statusOf = ({ id, until }: Accepted): 'running' | 'succeeded' | 'failed' => {
    const end = ends.get(id) ?? 'succeeded';
    return end === 'never' || Date.now() < until ? 'running' : end;
  };
  /** Puts finished deployments into the hosts; those under way are pending there. */
  const settle = (): void => {
    for (const change of accepted) {
      if (change.kind !== 'deployment' || done.has(change.id)) continue;
      const status = statusOf(change);
      for (const host of hosts()) {
        const service = host.services.find(({ name }) => name === change.service);
        if (service === undefined || !change.host_ids.includes(host.host_id)) continue;
        if (status === 'succeeded')
          Object.assign(service, { version: change.version, status: 'active' });
        else service.status = status === 'failed' ? 'error' : 'pending';
      }
      if (status !== 'running') done.add(change.id);
    }
  };
  const accept = (kind: HostChange['kind'], request: IncomingMessage, body: string): Answer => {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string') return { status: 400, body: { error: 'no Idempotency-Key' } };
    const before = accepted.find((one) => one.key === key);
    if (before !== undefined) return answerOf(before);
    const schema = kind === 'deployment' ? Deployment : Mitigation;
    // eslint-disable-next-line no-restricted-syntax -- a stand-in, called by our own worker alone
    const parsed = schema.safeParse(JSON.parse(body));
    if (!parsed.success) return { status: 400, body: { error: parsed.error.message } };
    const change = { kind, ...parsed.data } as HostChange;
    const id = `${kind}-${accepted.length + 1}`;
    const { end = 'succeeded', afterMs = DEFAULT_MS } = fate(change, accepted);
    ends.set(id, end);
    const at = Date.now();
    const one: Accepted = {
      ...change,
      id,
      key,
      at,
      until: end === 'never' ? Infinity : at + afterMs,
    };
    accepted.push(one);
    settle();
    return answerOf(one);
  };
  const answerOf = (one: Accepted): Answer => {
    const status = statusOf(one);
    return {
      body: {
        [`${one.kind}_id`]: one.id,
        status,
        hosts: one.host_ids.map((host_id) => ({ host_id, status })),
      },
    };
  };

  return {
    /** Each effect once, in their order. */
    accepted: accepted as readonly Accepted[],
    settle,
    answer(address: URL, request: IncomingMessage, body: string): Answer | undefined {
      const [, kinds, id] =
        /^\/v1\/(deployments|mitigations)(?:\/([^/]+))?$/.exec(address.pathname) ?? [];
      if (kinds === undefined) return undefined;
      settle();
      if (id === undefined)
        return request.method === 'POST'
          ? accept(kinds === 'deployments' ? 'deployment' : 'mitigation', request, body)
          : { status: 405, body: { error: 'POST only' } };
      const found = accepted.find((one) => one.id === decodeURIComponent(id));
      return found === undefined ? { status: 404, body: { error: 'not found' } } : answerOf(found);
    },
  };
}
