import type { FairLimit } from '../limits/fair-limit';
import { usageOf } from './completion';
import { textOfMessages, tokensAtMost } from './messages';
import type { Send } from './wire';

/** Calls as the worker's share of the model allows, each booked with what it may cost, and then with what it did. */
export const limitedSend =
  (send: Send, limit: FairLimit | undefined, maxReplyTokens: number): Send =>
  (call) => {
    if (limit === undefined) return send(call);
    const prompt = textOfMessages(call.messages) + JSON.stringify(call.schema);
    return limit(
      async (settle) => {
        const completion = await send(call);
        const { total } = usageOf(completion);
        // A server that does not count leaves what was booked.
        if (total > 0) settle(total);
        return completion;
      },
      { signal: call.signal, cost: tokensAtMost(prompt) + maxReplyTokens },
    );
  };
