import { checkShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { Topic } from '../../../domain/topology/span';
import { fieldsOf } from '../documents/hit-fields';
import type { SpanSchema } from './topology-schema';
import {
  firstOf,
  otherEndOf,
  storedNames,
  TOPIC,
  type OtherEnd,
} from '../documents/span-attributes';
import { partsOf, RESOURCE_ATTRIBUTES, whereaboutsOf } from '../documents/span-environment';
import { anyOf } from '../documents/span-identity';
import { kindOf } from '../documents/span-values';
import { tagsOf, type Tags } from '../documents/tags';

const SERVICE = 'localEndpoint.serviceName';
const REMOTE = 'remoteEndpoint.serviceName';
/** Tags of Brave, Zipkin's own library, in which the system is part of the name. */
const BRAVE_TOPIC: Record<string, string> = {
  'kafka.topic': 'kafka',
  'jms.queue': 'jms',
  'jms.topic': 'jms',
  'rabbit.exchange': 'rabbitmq',
};

/** Zipkin's spans: no links; tags are stored, not indexed, and searched as `key=value` in `_q`, which is not stored. */
export const zipkin: SpanSchema = {
  kind: 'spans',
  id: 'zipkin',
  indices: ['zipkin-span-*'],
  time: 'timestamp_millis',
  trace: 'traceId',
  keywords: ['traceId', 'id', 'parentId', SERVICE, '_q'],
  spell: (service) => service.toLowerCase(),
  about: (service, resolve) => ({ term: { [resolve(SERVICE)]: service.toLowerCase() } }),
  linkedFrom: null,
  onTopic: (topics, resolve) => ({
    terms: { [resolve('_q')]: topics.flatMap(spellings) },
  }),
  inPlace: (place, resolve) => ({
    bool: {
      filter: partsOf(place).map((part) => ({
        bool: {
          should: [
            { terms: { [resolve('_q')]: RESOURCE_ATTRIBUTES.map((tag) => `${tag}=${part}`) } },
            { bool: { must_not: [{ terms: { [resolve('_q')]: RESOURCE_ATTRIBUTES } }] } },
          ],
          minimum_should_match: 1,
        },
      })),
    },
  }),
  fields: ['traceId', 'id', 'parentId', 'kind', SERVICE, REMOTE],
  source: ['tags', 'shared', 'timestamp', 'timestamp_millis', 'duration'],
  identity: {
    service: SERVICE,
    fields: ['traceId', 'id', 'parentId', 'kind', SERVICE],
    source: ['shared'],
    withIds: (ids, resolve) => anyOf([resolve('id')], ids),
    // The server's half of a call has the id of the client's.
    childrenOf: (ids, resolve) => anyOf([resolve('parentId'), resolve('id')], ids),
  },
  toSpan(hit) {
    const { text } = fieldsOf(hit);
    const [trace, id, service] = [text('traceId'), text('id'), text(SERVICE)];
    if (trace === null || id === null || service === null) return null;
    const { shared = false, ...source } = checkShape(Source, hit.source).data ?? {};
    const tags = tagsOf(source.tags ?? {});
    return {
      trace,
      id,
      parent: text('parentId'),
      service,
      ...whereaboutsOf(tags),
      kind: kindOf(text('kind'), tags),
      // Zipkin treats a span with this tag as failed, whatever the tag's text.
      failed: Object.hasOwn(source.tags ?? {}, 'error'),
      links: [],
      ...otherEndIn(tags, text(REMOTE)),
      shared,
      ...timesOf(source),
    };
  },
};

const Source = z.object({
  tags: z.record(z.string(), z.unknown()).optional(),
  shared: z.boolean().optional(),
  timestamp: z.number().optional(),
  timestamp_millis: z.number().optional(),
  duration: z.number().optional(),
});
type Source = z.infer<typeof Source>;

/** `timestamp` and `duration` are microseconds. */
function timesOf({ timestamp, timestamp_millis, duration = 0 }: Omit<Source, 'shared'>) {
  const start = timestamp === undefined ? (timestamp_millis ?? null) : timestamp / 1e3;
  return { start, end: start === null ? null : start + duration / 1e3 };
}

const spellings = (topic: Topic): string[] =>
  storedNames(topic).flatMap((name) => tagsWith(topic.system, name));

const tagsWith = (system: string, name: string): string[] => [
  ...TOPIC.map((tag) => `${tag}=${name}`),
  ...Object.keys(BRAVE_TOPIC)
    .filter((tag) => BRAVE_TOPIC[tag] === system)
    .map((tag) => `${tag}=${name}`),
];

function otherEndIn(tags: Tags, remote: string | null): OtherEnd {
  const { peer, store, storeAt, topic } = otherEndOf(tags);
  const brave = Object.keys(BRAVE_TOPIC).find((tag) => tags(tag) !== null);
  const [system, name] = [
    BRAVE_TOPIC[brave ?? ''],
    firstOf(tags, brave === undefined ? [] : [brave]),
  ];
  return {
    peer: remote ?? peer,
    store: store ?? (tags('sql.query') === null ? null : remote),
    ...(storeAt !== undefined && { storeAt }),
    topic: topic ?? (system === undefined || name === null ? null : { system, name }),
  };
}
