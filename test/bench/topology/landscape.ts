import type { Random } from '../../fixtures/random';

/** One call that an operation may make. */
export type PlannedCall = {
  callee: string;
  operation: number;
  /** The chance that one run of the operation makes it; 0.002 to 1. */
  p: number;
  /** At most this often in one run (a loop over items). */
  times: number;
  /** What the caller's span says: the callee, a gateway that many callees share, or nothing. */
  address: string | null;
  grpc: boolean;
};
/** A message to a topic; `carries` says how the consumer's span knows of it. */
export type PlannedMessage = { topic: string; p: number };
export type Topic = {
  name: string;
  consumer: string;
  carries: 'parent' | 'link' | 'nothing';
};
export type Operation = {
  name: string;
  calls: PlannedCall[];
  messages: PlannedMessage[];
  stores: { system: string; address: string; p: number }[];
};
export type Landscape = {
  services: Map<string, Operation[]>;
  entries: string[];
  topics: Map<string, Topic>;
  /** Called, but never reporting themselves. */
  silent: Set<string>;
};

/** Services per layer; calls go to deeper layers only, so that a reversed edge is a wrong one. */
const LAYERS = [12, 40, 60, 50, 28];
const WORKERS = 10;
const SILENT = 3;
const STORES = ['postgresql', 'redis', 'mysql', 'mongodb'];

/** 200 services with operations, calls, topics and stores; call rates over three orders of magnitude. */
export function createLandscape(random: Random): Landscape {
  const names = LAYERS.map((size, layer) =>
    Array.from({ length: size }, (_, n) => `${LAYER_NAMES[layer]}-${String(n).padStart(2, '0')}`),
  );
  const workers = Array.from({ length: WORKERS }, (_, n) => `worker-${n}`);
  const services = new Map<string, Operation[]>();
  for (const [layer, members] of names.entries()) {
    for (const name of members) {
      services.set(
        name,
        Array.from({ length: 1 + random.int(4) }, (_, n) => operation(random, name, n, layer)),
      );
    }
  }
  workers.forEach((name) => services.set(name, [operation(random, name, 0, LAYERS.length - 2)]));
  const topics = new Map(
    workers.flatMap((consumer, n): [string, Topic][] => {
      const carries = n % 5 === 4 ? 'nothing' : n % 2 === 0 ? 'parent' : 'link';
      return [[`topic-${n}`, { name: `topic-${n}`, consumer, carries }]];
    }),
  );
  const silent = new Set(Array.from({ length: SILENT }, (_, n) => `legacy-${n}`));
  connect(random, names, services, workers);
  for (const [topic] of topics) {
    for (let producers = 1 + random.int(2); producers > 0; producers -= 1) {
      const [first] = services.get(random.pick([...(names[1] ?? []), ...(names[2] ?? [])])) ?? [];
      first?.messages.push({ topic, p: random.between(0.02, 0.5) });
    }
  }
  for (const name of silent) {
    const [first] = services.get(random.pick(names[1] ?? [])) ?? [];
    first?.calls.push({ ...call(random, name, 0), address: name });
  }
  return { services, entries: names[0] ?? [], topics, silent };
}

const LAYER_NAMES = ['edge', 'api', 'domain', 'data', 'base'];

const operation = (random: Random, service: string, n: number, layer: number): Operation => ({
  name: `${service}.op${n}`,
  calls: [],
  messages: [],
  stores:
    layer >= 1 && random.chance(0.6)
      ? [
          {
            system: random.pick(STORES),
            address: `${service}-db`,
            p: random.between(0.2, 1),
          },
        ]
      : [],
});

function call(random: Random, callee: string, operations: number): PlannedCall {
  const gateway = random.chance(0.08);
  const silentAddress = random.chance(0.1);
  return {
    callee,
    operation: operations === 0 ? 0 : random.int(operations),
    p: 10 ** -random.between(0.1, 2.7),
    times: random.chance(0.1) ? 2 + random.int(10) : 1,
    address: gateway ? 'mesh-gateway' : silentAddress ? null : callee,
    grpc: random.chance(0.5),
  };
}

/** Every operation calls a few services of deeper layers, and every service below the edge has a frequent caller. */
function connect(
  random: Random,
  names: string[][],
  services: Map<string, Operation[]>,
  workers: string[],
): void {
  const operationsOf = (name: string) => services.get(name)?.length ?? 0;
  const deeper = (layer: number): string[] =>
    random.chance(0.8) ? (names[layer + 1] ?? []) : names.slice(layer + 1).flat();
  for (const [layer, members] of names.entries()) {
    if (layer === names.length - 1) break;
    for (const name of members) {
      for (const operation of services.get(name) ?? []) {
        const count = 1 + random.int(6);
        for (let n = 0; n < count; n += 1) {
          const callee = random.pick(deeper(layer));
          operation.calls.push(call(random, callee, operationsOf(callee)));
        }
      }
    }
    for (const callee of names[layer + 1] ?? []) {
      const [first] = services.get(random.pick(members)) ?? [];
      first?.calls.push({
        ...call(random, callee, operationsOf(callee)),
        p: random.between(0.2, 0.9),
      });
    }
  }
  for (const worker of workers) {
    const callee = random.pick(names.at(-1) ?? []);
    services.get(worker)?.[0]?.calls.push(call(random, callee, operationsOf(callee)));
  }
}
