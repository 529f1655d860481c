import { z } from 'zod';

/** `unresolved`: called, but never reported itself; `candidates` says who it could be. */
export const ChainNode = z.strictObject({
  id: z.string(),
  kind: z.enum(['service', 'external', 'unresolved']),
  candidates: z.array(z.string()).optional(),
  last_seen: z.string().optional(),
});
export type ChainNode = z.infer<typeof ChainNode>;

/** `calls` and `errors` were counted in the sample; estimated calls = calls × scale. */
export const ChainEdge = z.strictObject({
  caller: z.string(),
  callee: z.string(),
  via: z.enum(['sync', 'async', 'link', 'topic', 'inferred']),
  calls: z.int().nonnegative(),
  errors: z.int().nonnegative().nullable(),
  scale: z.number().positive(),
  last_seen: z.string().optional(),
});
export type ChainEdge = z.infer<typeof ChainEdge>;

export const ChainMember = z.strictObject({ service: z.string(), hops: z.int().positive() });
export type ChainMember = z.infer<typeof ChainMember>;

/** The services above (upstream: they call it) and below (downstream: it calls them) one service. */
export const ServiceChain = z.strictObject({
  service: z.string(),
  nodes: z.array(ChainNode),
  edges: z.array(ChainEdge),
  upstream: z.array(ChainMember),
  downstream: z.array(ChainMember),
  source: z.strictObject({
    schema: z.string(),
    indices: z.array(z.string()),
    window: z.strictObject({ from: z.string(), to: z.string() }),
    traces: z.strictObject({ sampled: z.int(), total: z.int() }),
  }),
  /** `unknown`: no document of the service was found; it never means "no dependencies". */
  status: z.enum(['ok', 'partial', 'unknown']),
  truncated: z.array(
    z.enum([
      'traces',
      'spans',
      'requests',
      'budget',
      'shards',
      'timeout',
      'remote',
      'orphans',
      'sampled',
    ]),
  ),
});
export type ServiceChain = z.infer<typeof ServiceChain>;
