import type { ChainNote } from '../../../domain/service-chain';
import type { Reading } from '../../../domain/topology/reading';
import type { Span } from '../../../domain/topology/span';

/** More names than these explain nothing. */
const MAX_NAMED = 5;

/**
 * Services of other environments than the one asked for get a name of their own, `payment (staging)`: their spans are
 * real, but they are not the service of that name that is released.
 */
export function tellApart(readings: readonly Reading[], asked: string | undefined): Reading[] {
  if (asked === undefined) return [...readings];
  return readings.map((reading) =>
    reading.kind !== 'spans'
      ? reading
      : {
          ...reading,
          spans: reading.spans.map((span) => {
            const other = otherPlace(span, asked);
            if (other === null) return span;
            const elsewhere = ` (${other})`;
            return { ...span, service: `${span.service}${elsewhere}`, elsewhere };
          }),
        },
  );
}

/** `production`, `shop` or `production/shop`: each part is an environment or a namespace. Null where it fits. */
function otherPlace({ environment, namespace }: Span, asked: string): string | null {
  const known = [environment, namespace].filter((name) => name !== undefined);
  if (known.length === 0) return null;
  const missed = asked.split('/').filter((part) => part !== '' && !known.includes(part));
  // A part that only one of the two could name is not contradicted by the absence of the other.
  const contradicted =
    missed.length > 0 && (known.length === 2 || missed.length === askedParts(asked));
  return contradicted ? known.join('/') : null;
}

const askedParts = (asked: string): number => asked.split('/').filter((part) => part !== '').length;

/** Says where spans of several environments or namespaces went under one name. */
export function mixedNotes(
  service: string,
  readings: readonly Reading[],
  asked: string | undefined,
): ChainNote[] {
  if (asked !== undefined) return [];
  const spans = readings.flatMap((reading) => (reading.kind === 'spans' ? reading.spans : []));
  const notes: ChainNote[] = [];
  for (const [what, of] of [
    ['environments', ({ environment }: Span) => environment],
    ['namespaces', ({ namespace }: Span) => namespace],
  ] as const) {
    const mixed = severalOf(spans, of);
    const own = mixed.get(service);
    const others = [...mixed.keys()].filter((name) => name !== service).sort();
    if (own !== undefined)
      notes.push({
        reason: 'environments',
        detail: `${service} is in several ${what}: ${named(own)}; their callers and callees are mixed: set TOPOLOGY_ENVIRONMENT to one of them`,
      });
    if (others.length > 0)
      notes.push({
        reason: 'environments',
        detail: `services of one name in several ${what} are shown as one: ${named(others)}`,
      });
  }
  return notes;
}

/** Services with more than one value, with these. */
function severalOf(
  spans: readonly Span[],
  of: (span: Span) => string | undefined,
): Map<string, string[]> {
  const values = new Map<string, Set<string>>();
  for (const span of spans) {
    const value = of(span);
    if (value !== undefined)
      values.set(span.service, (values.get(span.service) ?? new Set()).add(value));
  }
  return new Map(
    [...values]
      .filter(([, found]) => found.size > 1)
      .map(([name, found]) => [name, [...found].sort()]),
  );
}

const named = (names: readonly string[]): string =>
  names.length > MAX_NAMED
    ? `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`
    : names.join(', ');
