import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Issue } from '../domain/issue';
import { ArgoBody, callOfArgo, callOfFlagger, FlaggerBody } from '../gates/executor-calls';
import { refuse, type Refusal } from '../guard/verdict';
import { refusedProblem } from './problem';
import { issueOfId } from './issue-of-id';
import type { ServeDeps } from './serve-deps';

const Id = z.object({ id: z.string() });

/** Gates: another executor asks before each step. */
export const gateRoutes: FastifyPluginCallbackZod<ServeDeps> = (app, { store, gate }, done) => {
  app.post(
    '/v1/gates/flagger/:id',
    {
      config: { role: 'execute' },
      schema: {
        summary: "Flagger's webhooks: 200 goes on, 409 holds (of a rollback hook: 200 rolls back)",
        params: Id,
        querystring: z.object({ hook: z.string().max(100).optional() }),
        body: FlaggerBody,
      },
    },
    async ({ params, body, query }) => {
      const issue = await issueOfId(store, params.id);
      const other = otherDigest(issue, body.metadata?.['digest']);
      if (other !== undefined) throw refusedProblem(other);
      const call = callOfFlagger(body, query.hook);
      if (call === null) return { allowed: true, reason: 'nothing depends on this event' };
      const verdict = await gate.ask(issue, call);
      if (!verdict.allowed && call.ask !== 'ended') throw refusedProblem(verdict);
      return answerOf(verdict);
    },
  );
  app.post(
    '/v1/gates/argo/:id',
    {
      config: { role: 'execute' },
      schema: { summary: "Argo's web metric: {allowed, reason}", params: Id, body: ArgoBody },
    },
    async ({ params, body }) => {
      const issue = await issueOfId(store, params.id);
      const verdict = otherDigest(issue, body.digest) ?? (await gate.ask(issue, callOfArgo(body)));
      return answerOf(verdict);
    },
  );
  done();
};

const otherDigest = (issue: Issue, digest: string | undefined): Refusal | undefined =>
  digest === undefined || digest === issue.digest
    ? undefined
    : refuse('WrongDigest', '/digest', 'The digest of the caller is not that of the issue.');

const answerOf = (verdict: { allowed: true } | Refusal) =>
  verdict.allowed
    ? { allowed: true, reason: 'within the issue' }
    : {
        ...{ allowed: false, reason: `${verdict.code}: ${verdict.message}` },
        ...{ code: verdict.code, clause: verdict.clause },
      };
