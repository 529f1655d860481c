import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import Fastify from 'fastify';
import {
  jsonSchemaTransform,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { parseBoundedJson, JsonBoundError } from '../adapters/upstream/bounded-json';
import { authorise } from './authorise';
import { gateRoutes } from './gate-routes';
import { issueRoutes } from './issue-routes';
import { outcomeRoutes } from './outcome-routes';
import { Problem, problemOf, sendProblem } from './problem';
import type { ServeDeps } from './serve-deps';
import type { Role } from './tokens';

const MAX_BODY_BYTES = 1024 * 1024;
const REQUEST_MS = 15_000;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the caller needs; without it anybody may ask. */
    role?: Role;
  }
  interface FastifyRequest {
    /** The name of the caller's token. */
    caller?: string;
  }
}

/** The HTTP API: recorded issues, checks, approvals, and gates for other executors. */
export async function createServer(deps: ServeDeps) {
  const { tokens, version, onFault } = deps;
  const app = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_MS,
    connectionTimeout: REQUEST_MS * 2,
    keepAliveTimeout: 5_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 300 },
    http: { maxHeaderSize: 16 * 1024 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => JSON.stringify);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, parseBoundedJson(text.toString()));
    } catch (error) {
      const reason = error instanceof JsonBoundError ? error.message : 'it is not JSON';
      done(new Problem(400, 'Bad request', `The body cannot be read: ${reason}.`));
    }
  });
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, problemOf(error, onFault)));
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(
      reply,
      new Problem(404, 'Not found', 'There is no such resource; see /openapi.json.'),
    ),
  );
  // Before the body is read: a stranger's body costs nothing.
  app.addHook('onRequest', async (request) => {
    const { role } = request.routeOptions.config;
    if (role !== undefined) request.caller = await authorise(request, tokens, role);
  });
  await app.register(helmet);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'release-prep', version },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
    transform: jsonSchemaTransform,
  });
  app.get('/livez', { schema: { hide: true } }, () => ({ status: 'ok' }));
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await app.register(issueRoutes, deps);
  await app.register(outcomeRoutes, deps);
  await app.register(gateRoutes, deps);
  return app;
}
