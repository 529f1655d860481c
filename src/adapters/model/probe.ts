import { z } from 'zod';
import { UpstreamError } from '../upstream/upstream-error';
import { classify } from './classify';
import { usageOf } from './completion';
import type { ProbeVerdict } from './output-mode';
import type { Rung } from './request';
import { isFormatRefusal, type Send } from './wire';
import { wireSchemaOf } from './wire-schema';

const Allowed = z.strictObject({ colour: z.enum(['red']) });
const AnyObject = z.looseObject({});

/**
 * The schema allows one word and the prompt demands another: only a server that binds its answer to the schema says the
 * allowed one. `json_object` has no schema to bind: there any JSON object will do.
 */
export async function probeWith(send: Send, rung: Rung): Promise<ProbeVerdict> {
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
    const told = classify(completion, rung === 'json_object' ? AnyObject : Allowed);
    if (rung === 'json_object') {
      return { verdict: told.kind === 'answer' ? 'ignored' : 'refused', tokens };
    }
    return { verdict: told.kind === 'answer' ? 'obeyed' : 'ignored', tokens };
  } catch (error) {
    // A server that fails inside on a rung (500 on grammars) is not told from one that is down: the next call shows.
    if (isFormatRefusal(error)) return { verdict: 'refused', tokens: 0 };
    if (error instanceof UpstreamError && error.fault === 'not_a_completion') {
      return { verdict: 'refused', tokens: 0 };
    }
    throw error;
  }
}
