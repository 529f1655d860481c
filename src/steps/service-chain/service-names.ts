import type { Reading } from '../../domain/topology/reading';

/**
 * Schemas spell services differently: Zipkin lower-cases, apm-data writes `_` for what is not a letter, digit, blank,
 * `_` or `-`. Names of later readings become those of earlier ones, and the service keeps the name it was asked by.
 * Within one reading nothing is unified: `Cart` and `cart` side by side are two services.
 */
export function unifyNames(service: string, readings: readonly Reading[]): Reading[] {
  const known = new Map<string, Set<string>>([[plain(service), new Set([service])]]);
  return readings.map((reading) => {
    const own = new Set(namesIn(reading));
    const rename = (name: string): string => {
      const same = known.get(plain(name));
      const [only, ...others] = same ?? [];
      return only === undefined || others.length > 0 || own.has(only) ? name : only;
    };
    const renamed = renameAll(reading, rename);
    for (const name of namesIn(renamed)) {
      known.set(plain(name), (known.get(plain(name)) ?? new Set()).add(name));
    }
    return renamed;
  });
}

/** What is left of a name when each schema has done its worst. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9 _-]/g, '_');

function namesIn(reading: Reading): string[] {
  switch (reading.kind) {
    case 'spans':
      return reading.spans.map(({ service }) => service);
    case 'logs':
      return reading.entries.map(({ service }) => service);
    case 'relations':
      return reading.relations.flatMap(({ caller, callee }) => [caller, callee]);
  }
}

function renameAll(reading: Reading, rename: (name: string) => string): Reading {
  switch (reading.kind) {
    case 'spans': {
      const spans = reading.spans.map((span) => ({ ...span, service: rename(span.service) }));
      return { ...reading, spans };
    }
    case 'logs': {
      const entries = reading.entries.map((entry) => ({
        ...entry,
        service: rename(entry.service),
      }));
      return { ...reading, entries };
    }
    case 'relations': {
      const relations = reading.relations.map((relation) => ({
        ...relation,
        caller: rename(relation.caller),
        callee: rename(relation.callee),
      }));
      return { ...reading, relations };
    }
  }
}
