import type { FastifyPluginCallbackZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Outcome } from '../domain/records/outcome';
import { refuse } from '../guard/verdict';
import { issueOfId } from './issue-of-id';
import { Problem, refusedProblem } from './problem';
import type { ServeDeps } from './serve-deps';

const Id = z.object({ id: z.string() });
/** The actions and verdicts of thousands of hosts. */
const MAX_OUTCOME_BYTES = 4 * 1024 * 1024;

/** How the release of an issue went: written once by its executor, read by everybody who may read issues. */
export const outcomeRoutes: FastifyPluginCallbackZod<ServeDeps> = (app, { store }, done) => {
  app.get(
    '/v1/issues/:id/outcome',
    { config: { role: 'read' }, schema: { summary: 'How the release went', params: Id } },
    async ({ params }) => {
      const issue = await issueOfId(store, params.id);
      const outcome = await store.outcome(issue.issue_id);
      if (outcome === null)
        throw new Problem(404, 'Not found', `The release of ${issue.issue_id} has no outcome.`);
      return outcome;
    },
  );
  app.post(
    '/v1/issues/:id/outcome',
    {
      config: { role: 'execute' },
      bodyLimit: MAX_OUTCOME_BYTES,
      schema: {
        summary: 'Record how the release went; the first outcome of an issue stays',
        params: Id,
        body: Outcome,
      },
    },
    async ({ params, body }, reply) => {
      const issue = await issueOfId(store, params.id);
      if (body.issue_id !== issue.issue_id || body.digest !== issue.digest)
        throw refusedProblem(
          refuse('WrongDigest', '/digest', `This is the outcome of another issue: ${body.digest}.`),
        );
      const known = await store.outcome(issue.issue_id);
      if (known !== null) return reply.code(200).send(known);
      await store.recordOutcome(body);
      return reply.code(201).send(await store.outcome(issue.issue_id));
    },
  );
  done();
};
