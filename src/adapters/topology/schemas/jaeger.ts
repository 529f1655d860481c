import { checkShape } from '../../upstream/bounded-json';
import { z } from 'zod';
import type { Span, Topic } from '../../../domain/topology/span';
import { fieldsOf } from '../documents/hit-fields';
import type { Hit, Query, Resolve, SpanSchema } from './topology-schema';
import { otherEndOf, storedNames, TOPIC } from '../documents/span-attributes';
import { partsOf, RESOURCE_ATTRIBUTES, whereaboutsOf } from '../documents/span-environment';
import { anyOf } from '../documents/span-identity';
import { kindOf } from '../documents/span-values';
import { tagsOf, type Tags } from '../documents/tags';

const SERVICE = 'process.serviceName';
/** `tags_as_fields` writes tags as fields of `tag`, with `@` for the dots of their names. */
const asField = (tag: string): string => `tag.${tag.replaceAll('.', '@')}`;

const processField = (tag: string): string => `process.${asField(tag)}`;

/** Jaeger's spans: daily indices and, since 2.20, a data stream; parents and tags in two encodings each. */
export const jaeger: SpanSchema = {
  kind: 'spans',
  id: 'jaeger',
  indices: ['jaeger-span-*', 'jaeger.spans*'],
  time: 'startTimeMillis',
  trace: 'traceID',
  keywords: [
    'traceID',
    'spanID',
    SERVICE,
    'parentSpanID',
    'references.traceID',
    'references.spanID',
    'tags.key',
    'tags.value',
    'process.tags.key',
    'process.tags.value',
    ...RESOURCE_ATTRIBUTES.map(processField),
    ...TOPIC.map(asField),
  ],
  about: (service, resolve) => ({ term: { [resolve(SERVICE)]: service } }),
  // Children reference their parents in the same way; a reference within the same trace is not a link.
  linkedFrom: (traces, resolve) => ({
    bool: {
      filter: [inNested('references', { terms: { [resolve('references.traceID')]: traces } })],
      must_not: [{ terms: { [resolve('traceID')]: traces } }],
    },
  }),
  onTopic: (topics, resolve) => ({
    bool: {
      should: TOPIC.flatMap((tag) => tagIn(tag, topics, resolve)),
      minimum_should_match: 1,
    },
  }),
  fields: ['traceID', 'spanID', 'parentSpanID', SERVICE, 'startTime', 'duration'],
  inPlace,
  source: ['references', 'tags', 'tag', 'process.tags', 'process.tag'],
  identity: {
    service: SERVICE,
    fields: ['traceID', 'spanID', 'parentSpanID', SERVICE],
    source: ['references'],
    withIds: (ids, resolve) => anyOf([resolve('spanID')], ids),
    // `parentSpanID` was added in 2.20, and references stay.
    childrenOf: (ids, resolve) => ({
      bool: {
        should: [
          { terms: { [resolve('parentSpanID')]: ids } },
          inNested('references', { terms: { [resolve('references.spanID')]: ids } }),
        ],
        minimum_should_match: 1,
      },
    }),
  },
  toSpan(hit) {
    const { text, number } = fieldsOf(hit);
    const [trace, id, service] = [text('traceID'), text('spanID'), text(SERVICE)];
    if (trace === null || id === null || service === null) return null;
    const tags = tagsIn(hit);
    const micros = number('startTime');
    const start = micros === null ? null : micros / 1e3;
    return {
      trace,
      id,
      ...originOf(hit, trace, text('parentSpanID')),
      service,
      ...whereaboutsOf(processTagsIn(hit)),
      kind: kindOf(tags('span.kind'), tags),
      failed: tags('error') === 'true' || tags('otel.status_code') === 'ERROR',
      ...otherEndOf(tags),
      shared: false,
      start,
      end: start === null ? null : start + (number('duration') ?? 0) / 1e3,
    };
  },
};

/** Without Jaeger's template the path is not nested; then the query matches nothing instead of failing. */
const inNested = (path: string, query: Query): Query => ({
  nested: { path, query, ignore_unmapped: true },
});

/** Spans whose process names one of the environments or namespaces, and those that name none. */
function inPlace(place: string, resolve: Resolve): Query {
  const keys = { terms: { [resolve('process.tags.key')]: RESOURCE_ATTRIBUTES } };
  return {
    bool: {
      filter: partsOf(place).map((part) => {
        const value = { term: { [resolve('process.tags.value')]: part } };
        return {
          bool: {
            should: [
              inNested('process.tags', { bool: { filter: [keys, value] } }),
              ...RESOURCE_ATTRIBUTES.map((tag) => ({
                term: { [resolve(processField(tag))]: part },
              })),
              {
                bool: {
                  must_not: [
                    inNested('process.tags', keys),
                    ...RESOURCE_ATTRIBUTES.map((tag) => ({ exists: { field: processField(tag) } })),
                  ],
                },
              },
            ],
            minimum_should_match: 1,
          },
        };
      }),
    },
  };
}

function tagIn(tag: string, topics: readonly Topic[], resolve: Resolve): Query[] {
  const names = [...new Set(topics.flatMap(storedNames))];
  const pair: Query[] = [
    { term: { [resolve('tags.key')]: tag } },
    { terms: { [resolve('tags.value')]: names } },
  ];
  return [
    inNested('tags', { bool: { filter: pair } }),
    { terms: { [resolve(asField(tag))]: names } },
  ];
}

const Reference = z.object({ refType: z.string(), traceID: z.string(), spanID: z.string() });
const References = z.object({ references: z.array(Reference) });

/**
 * The parent is `parentSpanID` (since 2.20) or the first `CHILD_OF` within the trace; every other reference, a
 * `FOLLOWS_FROM` or one to another trace, is a link.
 */
function originOf(
  { source }: Hit,
  trace: string,
  written: string | null,
): Pick<Span, 'parent' | 'links'> {
  const references = checkShape(References, source).data?.references ?? [];
  const parents = references.filter(
    ({ refType, traceID }) => refType === 'CHILD_OF' && traceID === trace,
  );
  const parent = written ?? parents[0]?.spanID ?? null;
  const links = references
    .filter((each) => !(parents.includes(each) && each.spanID === parent))
    .map(({ traceID, spanID }) => ({ trace: traceID, id: spanID }));
  return { parent, links };
}

const Tag = z.object({ key: z.string(), value: z.unknown().optional() });
const Encoded = z.object({
  tags: z.array(Tag).optional().catch(undefined),
  tag: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
const Process = z.object({ process: Encoded });

const tagsIn = ({ source }: Hit): Tags => decoded(checkShape(Encoded, source).data);
const processTagsIn = ({ source }: Hit): Tags => decoded(checkShape(Process, source).data?.process);

/** Reads both encodings: a document written with `tags_as_fields` on has some tags in each. */
const decoded = ({ tags = [], tag = {} }: z.infer<typeof Encoded> = {}): Tags =>
  tagsOf(
    Object.fromEntries([
      ...Object.entries(tag).map(([key, value]) => [key.replaceAll('@', '.'), value]),
      ...tags.map(({ key, value }) => [key, value]),
    ]) as Record<string, unknown>,
  );
