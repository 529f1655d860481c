import { checkShape, JsonBoundError, ShapeError } from '../upstream/bounded-json';
import { errors } from '@elastic/elasticsearch';
import { z } from 'zod';
import { parseRetryAfter } from '../upstream/http';
import { redactedExcerpt } from '../redaction';
import { UpstreamError, type UpstreamName } from '../upstream/upstream-error';

const Cause = z.object({ type: z.string(), reason: z.string().nullish() });
const ErrorBody = z.object({
  error: z.object({ ...Cause.shape, root_cause: z.array(Cause).optional() }),
});
type Cause = z.infer<typeof Cause>;

const CREDENTIALS = 'ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD';

/** An error of the client → an UpstreamError whose message says what to fix; any other error is returned as it is. */
export function failureOf(upstream: UpstreamName, error: unknown): unknown {
  const permanent = (message: string) =>
    new UpstreamError(upstream, message, { permanent: true, cause: error });
  const passing = (message: string) => new UpstreamError(upstream, message, { cause: error });
  if (error instanceof errors.ResponseError) return fromAnswer(upstream, error);
  if (error instanceof errors.ProductNotSupportedError) return permanent(NOT_ELASTICSEARCH);
  // Our own aborts do not get here, so this is an answer over the client's size limit.
  if (error instanceof errors.RequestAbortedError)
    return permanent(`the answer is too large: ${error.message}`);
  if (error instanceof errors.TimeoutError) return passing('no answer in time');
  if (error instanceof errors.ConnectionError) {
    const tls = tlsFault(error.message);
    return tls === undefined
      ? passing(`no connection: ${error.message || 'refused'}`)
      : permanent(tls);
  }
  if (error instanceof errors.DeserializationError) return passing('the answer is not JSON');
  if (error instanceof errors.ElasticsearchClientError) return passing(oneLine(error.message));
  if (error instanceof JsonBoundError)
    return permanent(`the answer is too large: ${error.message}`);
  if (error instanceof ShapeError)
    return permanent(`the answer has an unexpected shape: ${error.message}`);
  // The client unpacks an answer itself, and throws what zlib throws.
  if (String((error as NodeJS.ErrnoException | null)?.code).startsWith('Z_'))
    return passing(`the answer cannot be unpacked: ${oneLine((error as Error).message)}`);
  return error;
}

const NOT_ELASTICSEARCH =
  'the server does not say that it is Elasticsearch (no header X-Elastic-Product) or OpenSearch (GET /): ' +
  'a proxy must pass both through. Other servers are not supported: ' +
  'set TOPOLOGY_URL=file:PATH with the known edges';

function fromAnswer(upstream: UpstreamName, error: errors.ResponseError): UpstreamError {
  const status = error.statusCode ?? 0;
  const header = error.headers?.['retry-after'];
  const causes = causesOf(error);
  return new UpstreamError(upstream, wordsFor(status, causes, error), {
    status,
    permanent: isPassing(status, causes) ? false : undefined,
    retryAfterMs: parseRetryAfter(typeof header === 'string' ? header : null),
    cause: error,
  });
}

/**
 * The caller handles a conflict. A lost point in time (a node restarted, or keep_alive expired) is answered with 404,
 * but a new read opens a new one.
 */
const isPassing = (status: number, causes: readonly Cause[]): boolean =>
  status === 409 || causes.some(({ type }) => type === 'search_context_missing_exception');

/** The error and its root causes: for "all shards failed", only a root cause gives the reason. */
function causesOf(error: errors.ResponseError): Cause[] {
  const parsed = checkShape(ErrorBody, error.body);
  if (!parsed.success) return [];
  const { root_cause = [], ...top } = parsed.data.error;
  return [top, ...root_cause];
}

function wordsFor(status: number, causes: readonly Cause[], error: errors.ResponseError): string {
  const cause = causes[1] ?? causes[0];
  const said = oneLine(
    cause === undefined ? messageOf(error) : [cause.type, cause.reason].filter(Boolean).join(': '),
  );
  if (status === 401) {
    const absent = said.includes('missing authentication credentials');
    return `${absent ? 'asks for credentials: set' : 'rejected the credentials: fix'} ${CREDENTIALS} (401: ${said})`;
  }
  if (status === 403 && cause?.type === 'security_exception')
    return missingPrivilege(said, indicesOf(error));
  const [, field, index] = /Fielddata is disabled on \[([^\]]+)\] in \[([^\]]+)\]/.exec(said) ?? [];
  if (field !== undefined)
    return `${index} maps ${field} as a text, so that it cannot be searched by it: its index template is missing; load the template of whoever writes it and write the index anew, or leave the index out (TOPOLOGY_INDEX)`;
  if (status === 429) return `is overloaded (429: ${said})`;
  const remote = causes.find(({ type }) => REMOTE_FAULTS.has(type));
  if (remote !== undefined) return remoteFault(status, remote);
  return `answered ${status}: ${said}`;
}

/** The client takes its message from the answer, whatever it is there. */
const messageOf = ({ message }: { message: unknown }): string =>
  typeof message === 'string' ? message : 'an error without words';

const REMOTE_FAULTS = new Set(['connect_transport_exception', 'no_such_remote_cluster_exception']);

/** Elasticsearch names the cluster or, if the cluster must not be missing, only its address. */
const remoteFault = (status: number, { type, reason }: Cause): string =>
  `cannot reach a remote cluster (${status}: ${oneLine(`${type}: ${reason}`)}): ` +
  'restore it, correct its name, or allow it to be missing (cluster.remote.NAME.skip_unavailable: true)';

/** Elasticsearch lists the privileges that grant an action, the least powerful first. */
function missingPrivilege(said: string, asked: string | undefined): string {
  const [, kind, names] = /granted by the (\w+) privileges \[([^[\]]+)\]/.exec(said) ?? [];
  const indices = /on (?:restricted )?indices \[([^[\]]+)\]/.exec(said)?.[1] ?? asked;
  const privilege =
    names === undefined ? 'a privilege' : `the ${kind} privilege "${leastOf(names)}"`;
  const where = indices === undefined ? '' : ` on ${indices}`;
  return `${privilege}${where} is missing: give the user or API key the role in docs/elasticsearch.md (403: ${said})`;
}

/** For a user without any read privilege, Elasticsearch does not repeat the requested indices. */
function indicesOf(error: errors.ResponseError): string | undefined {
  const segment = error.meta.meta.request.params.path.split('/')[1] ?? '';
  return segment === '' || segment.startsWith('_') ? undefined : decodeURIComponent(segment);
}

const leastOf = (names: string): string => names.split(',')[0] ?? names;

const TLS_FAULTS: [RegExp, string][] = [
  [
    /self.signed certificate|unable to (verify|get)|unknown ca/i,
    'its certificate was issued by an unknown authority: set ELASTICSEARCH_CA_FILE to the PEM file of the authority that signed it',
  ],
  [
    /altnames|does not match certificate/i,
    'its certificate is for another host: use a name of the certificate in ELASTICSEARCH_URL, or add this name to the certificate',
  ],
  [/certificate has expired/i, 'its certificate has expired: renew it'],
  [
    /certificate is not yet valid/i,
    'its certificate is not valid yet: check the clocks of both machines',
  ],
  [
    /wrong version number|packet length too long|EPROTO/i,
    'does not speak TLS at this address: ELASTICSEARCH_URL may have to start with http://',
  ],
];

/** The client keeps only the text of a TLS error, not its code. */
function tlsFault(message: string): string | undefined {
  const words = TLS_FAULTS.find(([pattern]) => pattern.test(message))?.[1];
  return words === undefined ? undefined : `${words} (${oneLine(message)})`;
}

const oneLine = (text: string): string => redactedExcerpt(text, 300);
