import type { Reading } from '../../domain/topology/reading';

/**
 * Schemas spell services differently: Zipkin lower-cases, apm-data writes `_` for what is not a letter, digit, blank,
 * `_` or `-`. Names of later readings become those of earlier ones, and the service keeps the requested name. Names that
 * differ only in their Unicode form (NFC, NFD) are one. Otherwise nothing is unified within one reading: `Cart` and
 * `cart` are two services.
 */
export function unifyNames(service: string, readings: readonly Reading[]): Reading[] {
  const known = new Map<string, Set<string>>([[spellingKey(service), new Set([service])]]);
  return readings.map((written) => {
    const reading = renameIn(written, (name) => composed(name, service));
    const own = new Set(namesIn(reading));
    const renamed = renameIn(reading, (name) => {
      const [only, ...others] = known.get(spellingKey(name)) ?? [];
      return only === undefined || others.length > 0 || own.has(only) ? name : only;
    });
    if (written !== readings.at(-1)) addNames(known, renamed);
    return renamed;
  });
}

/** The composed Unicode form of a name, or the requested name where that has the same form. */
function composed(name: string, service: string): string {
  const form = name.normalize('NFC');
  return form === service.normalize('NFC') ? service : form;
}

function addNames(known: Map<string, Set<string>>, reading: Reading): void {
  for (const name of new Set(namesIn(reading))) {
    const key = spellingKey(name);
    const same = known.get(key);
    if (same === undefined) known.set(key, new Set([name]));
    else same.add(name);
  }
}

/** Each name is looked at once: names are few and spans are many. */
function renameIn(reading: Reading, rename: (name: string) => string): Reading {
  const changed = new Map<string, string>();
  for (const name of new Set(namesIn(reading))) {
    const other = rename(name);
    if (other !== name) changed.set(name, other);
  }
  return changed.size === 0 ? reading : renameAll(reading, (name) => changed.get(name) ?? name);
}

/** What all schemas keep of a name. */
const spellingKey = (name: string): string =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '_');

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
