import { z } from 'zod';

/** `unresolved`: called, but never reported itself; `candidates` says who it could be. */
export const ChainNode = z.strictObject({
  id: z.string(),
  kind: z.enum(['service', 'external', 'unresolved']),
  candidates: z.array(z.string()).optional(),
  last_seen: z.string().optional(),
});
export type ChainNode = z.infer<typeof ChainNode>;

/**
 * `calls` and `errors` were counted in the sample; estimated calls = calls × scale. `sync`, `async`: a parent and its
 * child; `link`: a span link; `topic`: a producer and a consumer of one topic; `inferred`: from logs. `systems`: what
 * carries the messages of an asynchronous edge (`kafka`), where spans say it. `last_seen`: not seen in the window, only
 * before it.
 */
export const ChainEdge = z.strictObject({
  caller: z.string(),
  callee: z.string(),
  via: z.enum(['sync', 'async', 'link', 'topic', 'inferred']),
  calls: z.int().nonnegative(),
  errors: z.int().nonnegative().nullable(),
  scale: z.number().positive(),
  systems: z.array(z.string()).optional(),
  last_seen: z.string().optional(),
});
export type ChainEdge = z.infer<typeof ChainEdge>;

/** `last_seen`: only traces from before the window lead there. */
export const ChainMember = z.strictObject({
  service: z.string(),
  hops: z.int().positive(),
  last_seen: z.string().optional(),
});
export type ChainMember = z.infer<typeof ChainMember>;

/** Why a chain can be incomplete. `remote`: a cluster or index was skipped; `requests`, `budget`: the read stopped at its own bounds. */
export const Truncation = z.enum([
  'traces',
  'spans',
  'requests',
  'budget',
  'shards',
  'timeout',
  'remote',
  'orphans',
  'sampled',
  'clock-skew',
  'concurrent',
  'depth',
  'environments',
  'names',
  'topics',
]);
export type Truncation = z.infer<typeof Truncation>;

/** One reason, with details for people. */
export const ChainNote = z.strictObject({ reason: Truncation, detail: z.string() });
export type ChainNote = z.infer<typeof ChainNote>;

/** The services above (upstream: they call it) and below (downstream: it calls them) one service. */
export const ServiceChain = z.strictObject({
  service: z.string(),
  nodes: z.array(ChainNode),
  edges: z.array(ChainEdge),
  upstream: z.array(ChainMember),
  downstream: z.array(ChainMember),
  source: z.strictObject({
    schema: z.string(),
    /** `traces` are causal; `relations` give reachability only; `logs` are inferred. */
    basis: z.enum(['traces', 'relations', 'logs']).optional(),
    /** Further schemas that hold the service: they added edges, not calls. */
    also: z.array(z.string()).optional(),
    indices: z.array(z.string()),
    window: z.strictObject({ from: z.string(), to: z.string() }),
    traces: z.strictObject({ sampled: z.int(), total: z.int() }),
  }),
  /** `unknown`: no document of the service was found; it never means "no dependencies". */
  status: z.enum(['ok', 'partial', 'unknown']),
  truncated: z.array(Truncation),
  /** The same reasons in words and figures. */
  notes: z.array(ChainNote).optional(),
});
export type ServiceChain = z.infer<typeof ServiceChain>;
