import type { Landscape, Operation, PlannedCall, Topic } from './landscape';
import type { Random } from '../../fixtures/random';

/** What really happened between two services, as the generator knows it. */
export type KnownEdge = {
  caller: string;
  callee: string;
  via: 'sync' | 'async';
  calls: number;
  /** Calls of which both spans were kept: all that a join of parents, links or topics can see. */
  paired: number;
};
export type SpanDocument = Record<string, unknown>;

/** Shares of calls of which a part is not reported, as exporters that drop batches and killed processes do. */
const LOST = { caller: 0.01, callee: 0.01, subtree: 0.01 };
const MAX_TRACE_SPANS = 400;
const FAILED = 0.01;

type Context = {
  random: Random;
  landscape: Landscape;
  edges: Map<string, KnownEdge>;
  emit: (span: SpanDocument) => void;
};
type Place = { trace: string; parent: string | null; at: number; lost: boolean };
type Trace = { spans: number };

/** Spans of whole traces until `count` are made; the known edges are complete once it has ended. */
export function* generateSpans(
  random: Random,
  landscape: Landscape,
  window: { from: number; to: number },
  count: number,
  edges: Map<string, KnownEdge>,
): Generator<SpanDocument[]> {
  let made = 0;
  while (made < count) {
    const batch: SpanDocument[] = [];
    const context = { random, landscape, edges, emit: (span: SpanDocument) => batch.push(span) };
    // Few entries take most of the traffic.
    const entry =
      landscape.entries[Math.floor(landscape.entries.length * random.next() ** 2)] ?? '';
    const place = {
      trace: random.hex(4),
      parent: null,
      at: random.between(window.from, window.to - 60_000),
      lost: false,
    };
    const operations = landscape.services.get(entry) ?? [];
    runServer(context, { spans: 0 }, place, entry, random.int(operations.length), 'Server');
    made += batch.length;
    yield batch;
  }
}

/** One run of an operation: its span, then what it calls, sends and stores. Returns the span's id. */
function runServer(
  context: Context,
  trace: Trace,
  place: Place,
  service: string,
  index: number,
  kind: 'Server' | 'Consumer',
  more: SpanDocument = {},
): string {
  const { random, landscape } = context;
  const operation = landscape.services.get(service)?.[index] as Operation;
  const id = random.hex(2);
  trace.spans += 1;
  if (!place.lost)
    context.emit(span(context, { ...place, id, service, kind, name: operation.name, ...more }));
  let at = place.at + random.between(0.2, 2);
  let parent = id;
  if (random.chance(0.3)) {
    parent = random.hex(2);
    context.emit(
      span(context, {
        trace: place.trace,
        parent: id,
        at,
        id: parent,
        service,
        kind: 'Internal',
        name: 'handle',
      }),
    );
  }
  for (const call of operation.calls) {
    if (!random.chance(call.p)) continue;
    const times = 1 + random.int(call.times);
    for (let n = 0; n < times && trace.spans < MAX_TRACE_SPANS; n += 1) {
      makeCall(context, trace, { trace: place.trace, parent, at, lost: false }, service, call);
      at += random.between(1, 20);
    }
  }
  for (const { topic, p } of operation.messages) {
    if (random.chance(p))
      send(context, { trace: place.trace, parent, at, lost: false }, service, topic);
  }
  for (const store of operation.stores) {
    if (!random.chance(store.p)) continue;
    const attributes = { 'db.system': store.system, 'server.address': store.address };
    context.emit(
      span(context, {
        trace: place.trace,
        parent,
        at,
        id: random.hex(2),
        service,
        kind: 'Client',
        name: `SELECT ${store.address}`,
        attributes,
      }),
    );
  }
  return id;
}

function makeCall(
  context: Context,
  trace: Trace,
  place: Place,
  service: string,
  call: PlannedCall,
): void {
  const { random, landscape } = context;
  const fate = random.next();
  const callerLost = fate < LOST.caller;
  const calleeLost = !callerLost && fate < LOST.caller + LOST.callee;
  const absent = landscape.silent.has(call.callee) || fate > 1 - LOST.subtree;
  const id = random.hex(2);
  const attributes = {
    ...(call.grpc ? { 'rpc.system': 'grpc' } : { 'http.request.method': 'GET' }),
    ...(call.address !== null && { 'server.address': call.address, 'server.port': 8080 }),
  };
  const name = call.grpc ? `${call.callee}.op${call.operation}` : 'GET';
  trace.spans += 1;
  if (!callerLost)
    context.emit(
      span(context, { ...place, id, service, kind: 'Client', name, attributes, failed: absent }),
    );
  count(context.edges, service, call.callee, 'sync', !callerLost && !calleeLost && !absent);
  if (absent) return;
  runServer(
    context,
    trace,
    { trace: place.trace, parent: id, at: place.at + random.between(0.1, 1), lost: calleeLost },
    call.callee,
    call.operation,
    'Server',
  );
}

function send(context: Context, place: Place, service: string, name: string): void {
  const { random, landscape } = context;
  const topic = landscape.topics.get(name) as Topic;
  const attributes = { 'messaging.system': 'kafka', 'messaging.destination.name': name };
  const id = random.hex(2);
  context.emit(
    span(context, { ...place, id, service, kind: 'Producer', name: `send ${name}`, attributes }),
  );
  count(context.edges, service, topic.consumer, 'async', true);
  const own = topic.carries !== 'parent';
  const links = topic.carries === 'link' ? [{ trace_id: place.trace, span_id: id }] : [];
  runServer(
    context,
    { spans: 0 },
    {
      trace: own ? random.hex(4) : place.trace,
      parent: own ? null : id,
      at: place.at + random.between(5, 30_000),
      lost: false,
    },
    topic.consumer,
    0,
    'Consumer',
    { attributes, links },
  );
}

function count(
  edges: Map<string, KnownEdge>,
  caller: string,
  callee: string,
  via: KnownEdge['via'],
  paired: boolean,
): void {
  const key = `${caller} ${callee}`;
  const edge = edges.get(key) ?? { caller, callee, via, calls: 0, paired: 0 };
  edge.calls += 1;
  if (paired) edge.paired += 1;
  edges.set(key, edge);
}

/** One document as the exporter's mode `otel` writes it. */
function span(context: Context, values: SpanDocument): SpanDocument {
  const { random } = context;
  const service = String(values['service']);
  const host = `${service}-${random.int(4)}`;
  return {
    '@timestamp': `${(Number(values['at']) + skewOf(host)).toFixed(6)}`,
    data_stream: { type: 'traces', dataset: 'generic.otel', namespace: 'default' },
    trace_id: values['trace'],
    span_id: values['id'],
    ...(values['parent'] !== null && { parent_span_id: values['parent'] }),
    name: values['name'],
    kind: values['kind'],
    duration: 1_000_000 + random.int(50_000_000),
    attributes: values['attributes'] ?? {},
    links: values['links'] ?? [],
    status: { code: (values['failed'] ?? random.chance(FAILED)) ? 'Error' : 'Unset' },
    resource: {
      attributes: {
        'service.name': service,
        'service.version': '1.4.2',
        'service.instance.id': host,
        'host.name': host,
        'deployment.environment': 'production',
      },
    },
    scope: { name: 'bench' },
  };
}

/** Clocks of hosts differ by up to 20 ms either way. */
function skewOf(host: string): number {
  let sum = 0;
  for (let n = 0; n < host.length; n += 1) sum = (sum * 31 + host.charCodeAt(n)) % 41;
  return sum - 20;
}
