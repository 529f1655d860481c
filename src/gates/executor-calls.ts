import { z } from 'zod';
import type { GateCall } from './gate-call';

const Text = z.string().max(1_000);
/** The hooks of Flagger, by its own names. */
export const HOOKS = [
  ...['confirm-rollout', 'pre-rollout', 'rollout', 'confirm-traffic-increase'],
  ...['confirm-promotion', 'post-rollout', 'rollback', 'event'],
] as const;
const unknownHook = `metadata.hook must be one of ${HOOKS.join(', ')}`;
/** The body of Flagger's webhooks (CanaryWebhookPayload of v1.36); its hook type is not in it. */
export const FlaggerBody = z.object({
  name: Text,
  namespace: Text,
  phase: Text,
  checksum: Text.optional(),
  metadata: z
    .record(Text, Text)
    // A misspelt `rollback` would be taken for a request to go on, and its 200 would roll back.
    .refine(
      ({ hook }) => hook === undefined || (HOOKS as readonly string[]).includes(hook),
      unknownHook,
    )
    .optional(),
});
export type FlaggerBody = z.infer<typeof FlaggerBody>;

/**
 * The body that Argo's web metric sends as it is written in the AnalysisTemplate. A misspelt `batch_id` would ask for
 * the next batch with each measurement.
 */
export const ArgoBody = z.strictObject({
  digest: Text.optional(),
  metadata: z
    .strictObject({
      batch_id: z.union([z.int(), Text]).optional(),
      rule_id: Text.optional(),
    })
    .optional(),
});
export type ArgoBody = z.infer<typeof ArgoBody>;

/** The phases in which Flagger is done with a canary. */
const OVER: ReadonlyMap<string, 'abort' | 'finish'> = new Map([
  ['Failed', 'abort'],
  ['Terminated', 'abort'],
  ['Terminating', 'abort'],
  ['Succeeded', 'finish'],
]);

/** What a webhook asks. `hook`: the type as the URL or the metadata name it; else the phase tells the rest. */
export function callOfFlagger(body: FlaggerBody, hook = body.metadata?.['hook']): GateCall | null {
  const { metadata, phase } = body;
  const batchId = batchIdOf(metadata?.['batch_id']);
  const ended = OVER.get(phase);
  switch (hook ?? phase) {
    case 'rollback':
      return { ask: 'rollback' };
    case 'event':
    case 'post-rollout':
      return ended === undefined ? null : { ask: 'ended', how: ended };
    case 'rollout':
      return { ask: 'healthy', ...ruleOf(metadata) };
    case 'pre-rollout':
      return { ask: 'open' };
    case 'confirm-rollout':
      // By its own hook it comes before the first traffic, which asks again.
      return hook === undefined ? { ask: 'advance', ...batchId } : { ask: 'open' };
    case 'confirm-promotion':
      return { ask: 'advance', last: true, ...batchId };
    default:
      if (metadata?.['eventType'] !== undefined || ended !== undefined)
        return ended === undefined ? null : { ask: 'ended', how: ended };
      return { ask: 'advance', ...batchId };
  }
}

export function callOfArgo({ metadata }: ArgoBody): GateCall {
  const { batch_id: batchId, rule_id: ruleId } = metadata ?? {};
  return ruleId !== undefined
    ? { ask: 'healthy', ruleId }
    : { ask: 'advance', ...batchIdOf(batchId) };
}

/** What is no number names no batch of the plan, and is refused as such. */
const batchIdOf = (id: string | number | undefined): { batchId?: number } =>
  id === undefined ? {} : { batchId: /^\d{1,9}$/.test(`${id}`) ? Number(id) : -1 };

const ruleOf = (metadata: FlaggerBody['metadata']) =>
  metadata?.['rule_id'] === undefined ? {} : { ruleId: metadata['rule_id'] };
