import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Approval } from '../domain/records/approval';
import { approve } from '../gates/approve';
import { checkAction } from '../gates/check-action';
import { issuePage } from '../gates/issue-page';
import { Problem, refusedProblem } from './problem';
import { issueOfId } from './issue-of-id';
import type { ServeDeps } from './serve-deps';

const Id = z.object({ id: z.string() });
const MAX_STATE_BYTES = 8 * 1024 * 1024;

/** Recorded issues: list, read, check an action, approve. */
export const issueRoutes: FastifyPluginCallbackZod<ServeDeps> = (app, deps, done) => {
  const { store, onFault } = deps;
  app.get(
    '/v1/issues',
    {
      config: { role: 'read' },
      schema: {
        summary: 'Recorded issues, the newest first',
        querystring: z.strictObject({
          service: z.string().min(1).max(128).optional(),
          cursor: z.string().max(300).optional(),
          limit: z.coerce.number().int().min(1).max(100).default(50),
        }),
      },
    },
    ({ query }) => issuePage(store, { ...query, onForeign: onFault }),
  );
  app.get(
    '/v1/issues/:id',
    { config: { role: 'read' }, schema: { summary: 'One issue', params: Id } },
    ({ params }) => issueOfId(store, params.id),
  );
  app.post(
    '/v1/issues/:id/check',
    {
      config: { role: 'read' },
      bodyLimit: MAX_STATE_BYTES,
      schema: {
        summary: 'Is this action within the issue?',
        params: Id,
        body: z.strictObject({
          action: z.unknown(),
          state: z.strictObject({ events: z.array(z.unknown()) }).optional(),
        }),
      },
    },
    async ({ params, body }) => {
      const issue = await issueOfId(store, params.id);
      const facts = { action: body.action, events: body.state?.events ?? [], now: new Date() };
      try {
        return await checkAction(store, issue, facts, onFault);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        throw new Problem(400, 'Bad request', error.message.slice(0, 500));
      }
    },
  );
  app.get(
    '/v1/issues/:id/approvals',
    { config: { role: 'read' }, schema: { summary: 'Recorded approvals', params: Id } },
    async ({ params }) => {
      const issue = await issueOfId(store, params.id);
      const approvals = await store.approvals(issue.issue_id, onFault);
      return { approvals, required: issue.approvals?.required ?? 0 };
    },
  );
  app.post(
    '/v1/issues/:id/approvals',
    {
      config: { role: 'approve' },
      schema: {
        summary: 'Approve an issue, bound to its digest',
        params: Id,
        body: Approval.pick({ by: true, digest: true, reason: true }),
      },
    },
    async ({ params, body, caller }, reply) => {
      const issue = await issueOfId(store, params.id);
      const given = { ...body, ...(caller !== undefined && { via: caller }) };
      const answer = await approve(store, issue, given, new Date());
      if (!answer.allowed) throw refusedProblem(answer);
      return reply.code(answer.recorded ? 201 : 200).send(answer);
    },
  );
  done();
};
