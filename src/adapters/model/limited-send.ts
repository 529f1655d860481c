import type { FairLimit } from '../limits/fair-limit';
import { usageOf } from './completion';
import { textOfMessages, tokensAtMost } from './chat-messages';
import type { Send } from './chat-client';

/** Sends calls within the worker's share of the model: books a call's highest cost first, then its actual cost. */
export const limitedSend =
  (send: Send, limit: FairLimit | undefined, maxReplyTokens: number): Send =>
  (call) => {
    if (limit === undefined) return send(call);
    const prompt = textOfMessages(call.messages) + JSON.stringify(call.schema);
    return limit(
      async (settle) => {
        const completion = await send(call);
        const { total } = usageOf(completion);
        // If the server reports no count, the booked cost stays.
        if (total > 0) settle(total);
        return completion;
      },
      { signal: call.signal, cost: tokensAtMost(prompt) + maxReplyTokens },
    );
  };
