import { z } from 'zod';
import { UpstreamError } from '../upstream/upstream-error';
import { classify } from './classify-completion';
import { usageOf } from './completion';
import type { ProbeVerdict } from './output-mode';
import type { OutputMode } from './model-request';
import { isFormatRefusal, type Send } from './chat-client';
import { wireSchemaOf } from './wire-schema';

const Allowed = z.strictObject({ colour: z.enum(['red']) });
const AnyObject = z.looseObject({});

/**
 * The schema allows one word and the prompt asks for another: only a server that enforces the schema answers with the
 * allowed one. `json_object` has no schema to enforce, so any JSON object is accepted.
 */
export async function probeWith(send: Send, rung: OutputMode): Promise<ProbeVerdict> {
  try {
    const completion = await send({
      rung,
      name: 'probe',
      schema: wireSchemaOf(Allowed),
      messages: [
        { role: 'system', content: 'You answer in JSON.' },
        { role: 'user', content: 'Answer with exactly this JSON object: {"colour": "blue"}' },
      ],
    });
    const tokens = usageOf(completion).total;
    const classified = classify(completion, rung === 'json_object' ? AnyObject : Allowed);
    if (rung === 'json_object') {
      return { verdict: classified.kind === 'answer' ? 'ignored' : 'refused', tokens };
    }
    return { verdict: classified.kind === 'answer' ? 'obeyed' : 'ignored', tokens };
  } catch (error) {
    // A server that fails on a rung (500 on grammars) looks like one that is down; the next call shows which.
    if (isFormatRefusal(error)) return { verdict: 'refused', tokens: 0 };
    if (error instanceof UpstreamError && error.fault === 'not_a_completion') {
      return { verdict: 'refused', tokens: 0 };
    }
    throw error;
  }
}
