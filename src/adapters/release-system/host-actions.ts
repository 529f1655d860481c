import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ActionProgress, ActionRef } from '../../domain/execution/execution';
import { isPermit, type Permit } from '../../guard/permit';
import { createFairLimit } from '../limits/fair-limit';
import { requestJson } from '../upstream/http';
import { UpstreamError } from '../upstream/upstream-error';
import type { ReleaseSystemOptions } from './release-system';

/** The one way to change hosts. */
export type HostActions = {
  /** False for a `file:` of hosts: nothing can be deployed by it. */
  readonly canAct: boolean;
  /**
   * Starts what the permit allows, and nothing else. The same permit and attempt again answer with the first result, so
   * a start whose answer was lost is repeated. Throws UpstreamError.
   */
  start(permit: Permit, attempt: number, signal?: AbortSignal): Promise<ActionRef>;
  read(ref: ActionRef, signal?: AbortSignal): Promise<ActionProgress>;
};

const ATOMS = { id: 200, status: 64, message: 1_000, hosts: 20_000 } as const;
const Id = z.union([z.string().min(1).max(ATOMS.id), z.number()]).transform((id) => String(id));
const Started = z
  .object({ deployment_id: Id.optional(), mitigation_id: Id.optional() })
  .refine((answer) => answer.deployment_id !== undefined || answer.mitigation_id !== undefined, {
    message: 'it names neither deployment_id nor mitigation_id',
  });
const Progress = z.object({
  status: z
    .string()
    .max(ATOMS.status)
    .transform((status) => status.toLowerCase())
    .pipe(z.enum(['pending', 'running', 'succeeded', 'failed'])),
  hosts: z
    .array(
      z.object({
        host_id: Id,
        status: z.string().max(ATOMS.status),
        message: z.string().nullish(),
      }),
    )
    .max(ATOMS.hosts)
    .nullish(),
});
/** Hosts that an answer names; a sentence for people needs no more. */
const MAX_NAMED = 50;

/** The release system by HTTP (docs/release-system.openapi.yaml). A `file:` of hosts refuses every action. */
export function createHostActions(options: ReleaseSystemOptions): HostActions {
  return options.url.startsWith('file:') ? refusing(options.url) : byHttp(options);
}

function refusing(url: string): HostActions {
  const refuse = () =>
    Promise.reject(
      new UpstreamError(
        'release-system',
        `${url} is a list of hosts and cannot deploy. Set RELEASE_SYSTEM_URL to a release system ` +
          '(docs/release-system.openapi.yaml), or carry the release out by hand.',
        { permanent: true },
      ),
    );
  return { canAct: false, start: refuse, read: refuse };
}

function byHttp({
  url,
  token,
  limit = createFairLimit({ upstream: 'release-system', atOnce: 8 }),
}: ReleaseSystemOptions): HostActions {
  const base = url.endsWith('/') ? url : `${url}/`;
  const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return {
    canAct: true,

    async start(permit, attempt, signal) {
      if (!isPermit(permit))
        throw new UpstreamError('release-system', 'an action without a permit of the guard', {
          permanent: true,
        });
      const { kind, body } = requestOf(permit);
      const answer = await limit(
        () =>
          requestJson({
            upstream: 'release-system',
            url: new URL(`v1/${kind}s`, base),
            schema: Started,
            method: 'POST',
            headers: {
              ...authorization,
              'content-type': 'application/json',
              'idempotency-key': idempotencyKeyOf(permit, attempt),
            },
            body: JSON.stringify(body),
            signal,
          }),
        { signal },
      );
      const id = kind === 'deployment' ? answer.deployment_id : answer.mitigation_id;
      if (id === undefined)
        throw new UpstreamError('release-system', `POST v1/${kind}s named no ${kind}_id`, {
          permanent: true,
        });
      return { kind, id };
    },

    async read({ kind, id }, signal) {
      const address = new URL(`v1/${kind}s/${encodeURIComponent(id)}`, base);
      const { status, hosts } = await limit(
        () =>
          requestJson({
            upstream: 'release-system',
            url: address,
            schema: Progress,
            headers: authorization,
            signal,
          }),
        { signal },
      );
      const open = (hosts ?? []).filter((host) => host.status !== 'succeeded');
      return {
        status,
        hosts: open.slice(0, MAX_NAMED).map(({ host_id, status: of, message }) => ({
          ...{ host_id, status: of },
          ...(message && { message: message.slice(0, ATOMS.message) }),
        })),
      };
    },
  };
}

type ActionRequest = { kind: ActionRef['kind']; body: Record<string, unknown> };

/** A rollback is a deployment of the version before. */
function requestOf({ service, action }: Permit): ActionRequest {
  const { host_ids } = action;
  switch (action.type) {
    case 'deploy':
    case 'rollback':
      return { kind: 'deployment', body: { service, version: action.version, host_ids } };
    case 'mitigate':
      return { kind: 'mitigation', body: { action: action.action, service, host_ids } };
  }
}

const KEY_DIGITS = 32;

/** One key per effect: the digest, the batch, the action with its hosts, and which attempt it is. */
export function idempotencyKeyOf({ digest, batch_id, action }: Permit, attempt: number): string {
  const what = action.type === 'mitigate' ? action.action : action.version;
  const hosts = [...action.host_ids].sort();
  const parts = [digest, batch_id, action.type, what, hosts, attempt];
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `release-${action.type}-${hash.slice(0, KEY_DIGITS)}`;
}
