import type { LogEntry } from '../../../domain/topology/reading';

/** One call of a service as its own log shows it; epoch milliseconds. */
export type LoggedCall = {
  service: string;
  request: string;
  from: number;
  to: number;
  failed: boolean | null;
};

/**
 * The calls of each request. A call lasts for the duration that its line reports, else from a received line to the
 * next line of the service that reports the end.
 */
export function loggedCalls(entries: readonly LogEntry[]): LoggedCall[][] {
  const requests = groupBy(entries, ({ request }) => request).values();
  return [...requests].map((lines) =>
    [...groupBy(lines, ({ service }) => service).values()].flatMap(callsOfService),
  );
}

function callsOfService(lines: readonly LogEntry[]): LoggedCall[] {
  const calls: LoggedCall[] = [];
  const begun: LogEntry[] = [];
  let ended = 0;
  for (const line of [...lines].sort((a, b) => a.at - b.at)) {
    if (line.phase === 'received') begun.push(line);
    if (line.phase !== 'ended') continue;
    const received = begun[ended];
    if (received !== undefined) ended += 1;
    const { service, request, failed, at: to } = line;
    const from = line.duration === null ? received?.at : to - line.duration;
    if (from !== undefined) calls.push({ service, request, failed, from, to });
  }
  return calls;
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
