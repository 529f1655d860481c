import type { IncomingMessage } from 'node:http';
import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ArgoBody, callOfArgo, callOfFlagger, FlaggerBody, HOOKS } from '../gates/executor-calls';
import { callerOfFlagger, otherDocument, otherService } from '../gates/release-caller';
import type { Refusal } from '../guard/verdict';
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
        querystring: z.object({ hook: z.enum(HOOKS).optional() }),
        body: FlaggerBody,
      },
    },
    async ({ params, body, query, raw }) => {
      const issue = await issueOfId(store, params.id);
      const other = otherService(issue, body);
      if (other !== undefined) throw refusedProblem(other);
      const call = callOfFlagger(body, query.hook);
      if (call === null) return { allowed: true, reason: 'nothing depends on this event' };
      const verdict = await gate.ask(issue, call, Date.now(), {
        caller: callerOfFlagger(body),
        isGone: goneOf(raw),
      });
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
    async ({ params, body, raw }) => {
      const issue = await issueOfId(store, params.id);
      if (body.digest !== undefined && body.digest !== issue.digest) return answerOf(otherDocument);
      return answerOf(await gate.ask(issue, callOfArgo(body), Date.now(), { isGone: goneOf(raw) }));
    },
  );
  done();
};

const goneOf =
  ({ socket }: IncomingMessage) =>
  (): boolean =>
    socket.destroyed;

const answerOf = (verdict: { allowed: true } | Refusal) =>
  verdict.allowed
    ? { allowed: true, reason: 'within the issue' }
    : {
        ...{ allowed: false, reason: `${verdict.code}: ${verdict.message}` },
        ...{ code: verdict.code, clause: verdict.clause },
      };
