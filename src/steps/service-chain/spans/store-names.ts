import type { Span } from '../../../domain/topology/span';

/** `system` of stores → the servers and databases that spans name. */
type Instances = Map<string, Set<string>>;

/**
 * Names the stores and brokers of client spans: one node per server and database where spans distinguish several
 * (`postgresql/orders-pg:5432/orders`), else the system alone (`postgresql`). Addresses that are only numbers and
 * ordinals of pods do not distinguish stores: a cluster has many.
 */
export function nameStores(spans: readonly Span[]): (span: Span) => string | null {
  const instances: Instances = new Map();
  for (const { store, storeAt } of spans) {
    if (store === null || !storeAt) continue;
    const known = instances.get(store) ?? new Set();
    instances.set(store, known.add(folded(storeAt)));
  }
  return ({ store, storeAt }) => {
    if (store === null || !storeAt || (instances.get(store)?.size ?? 0) < 2) return store;
    const instance = folded(storeAt);
    return instance === '' ? store : `${store}/${instance}`;
  };
}

/** `10.0.0.7:5432/orders` → `orders`; `redis-2.redis:6379` → `redis.redis:6379`. */
function folded(storeAt: string): string {
  const slash = storeAt.indexOf('/');
  const [server, database] =
    slash < 0 ? [storeAt, ''] : [storeAt.slice(0, slash), storeAt.slice(slash + 1)];
  return [isNumeric(server) ? '' : withoutOrdinal(server), database].filter(Boolean).join('/');
}

/** An IPv4 or IPv6 address, with or without a port. */
const isNumeric = (server: string): boolean =>
  /^[\d.]+(?::\d+)?$/.test(server) || /^\[?[\da-f]*:[\da-f:.]*\]?(?::\d+)?$/i.test(server);

function withoutOrdinal(server: string): string {
  const [host = '', ...rest] = server.split('.');
  return [host.replace(/-\d{1,4}(?=$|:)/, ''), ...rest].join('.');
}
