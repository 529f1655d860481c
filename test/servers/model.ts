/** TEST STAND-IN for an OpenAI-compatible server: no real model can be had here. */
import { serveJson } from '../../sandbox/http-server';

export type ModelMode = 'answer' | 'refuse' | 'down';

/** Answers each schema with something that adds to the knowledge base, refuses, or answers 500. */
export async function startModel(mode: ModelMode) {
  let calls = 0;
  const server = await serveJson((_address, _request, body) => {
    calls += 1;
    if (mode === 'down') return { status: 500, body: { error: { message: 'overloaded' } } };
    const message =
      mode === 'refuse'
        ? { role: 'assistant', content: null, refusal: 'I cannot help with that.' }
        : { role: 'assistant', content: JSON.stringify(proposalFor(body)) };
    return {
      body: {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: 'stand-in-1',
        choices: [{ index: 0, finish_reason: 'stop', message }],
        usage: { prompt_tokens: 90, completion_tokens: 10, total_tokens: 100 },
      },
    };
  });
  return { ...server, calls: () => calls };
}

/** One proposal a schema, with an invented id beside each real one: code must drop those. */
function proposalFor(body: string): unknown {
  if (body.includes('"name":"risks"')) {
    const risk = {
      severity: 'critical',
      likelihood: 'high',
      evidence: ['change:minor', 'chain:no->where'],
      reason: 'The stand-in says so.',
    };
    return {
      risks: [
        { id: 'memory-leak', ...risk },
        { id: 'alien-invasion', ...risk },
      ],
    };
  }
  if (body.includes('"name":"gray_plan"')) {
    return {
      batches: [
        { batch_id: 1, observation_seconds: 900 },
        { batch_id: 99, observation_seconds: 1 },
      ],
    };
  }
  if (body.includes('"name":"metric_thresholds"')) {
    return {
      rules: [
        { id: 'r1', threshold: 1e12 },
        { id: 'r99999', threshold: 0 },
      ],
    };
  }
  return { groups: [{ name: 'Memory', metrics: ['m1', 'm99999', 'nonsense'] }] };
}
