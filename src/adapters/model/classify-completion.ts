import type { z } from 'zod';
import type { ModelFault } from '../../domain/model-fault';
import type { Completion } from './completion';
import { extractJson } from './extract-json';

export type Classified =
  | { kind: 'answer'; value: unknown }
  | { kind: 'unusable'; fault: ModelFault; reason: string; paths: string[] };

/** Most faults of one answer that are reported back to the model. */
const MAX_PATHS = 5;

const unusable = (fault: ModelFault, reason: string, paths: string[] = []): Classified => ({
  kind: 'unusable',
  fault,
  reason,
  paths,
});

/** Checks a completion with the local schema: the value, or what is wrong. The same on every rung. */
export function classify(completion: Completion, schema: z.ZodType): Classified {
  const choice = completion.choices[0];
  if (choice === undefined) return unusable('not_a_completion', 'no choices');
  if (choice.message.refusal) return unusable('refusal', 'refused');
  if (choice.finish_reason === 'content_filter') {
    return unusable('content_filter', 'stopped by a content filter');
  }
  if (choice.finish_reason === 'length') return unusable('length', 'cut at the token limit');
  const found = proposalIn(choice.message);
  if (found.kind === 'blank') return unusable('blank', 'blank');
  if (found.kind === 'not_json') return unusable('not_json', 'no JSON, or more than one answer');
  // All faults, not only the first: the model corrects them together. A proposal has at most 16,000 values.
  // eslint-disable-next-line no-restricted-syntax
  const parsed = schema.safeParse(found.value);
  if (parsed.success) return { kind: 'answer', value: parsed.data };
  const paths = [...new Set(parsed.error.issues.map(pathOf))].slice(0, MAX_PATHS);
  return unusable('schema', `wrong shape at ${paths[0]?.split(' ')[0]}`, paths);
}

/** `risks.0.id invalid_type`: schema keys, positions and zod's code; nothing that the model wrote. */
const pathOf = ({ path, code }: z.core.$ZodIssue): string =>
  `${path.map(String).join('.') || 'the root'} ${code}`;

/** A forced tool's arguments, otherwise the text: some servers answer in the other place. */
function proposalIn({ content, tool_calls: calls }: Completion['choices'][number]['message']) {
  const given = (calls ?? []).flatMap((call) => call.function?.arguments ?? []);
  if (given.length > 1) return { kind: 'not_json' as const };
  const [args] = given;
  // As text, so that the bounds of a proposal hold for it, too.
  if (typeof args === 'object' && args !== null) return extractJson(JSON.stringify(args));
  if (typeof args === 'string' && args.trim() !== '') return extractJson(args);
  return extractJson(textOf(content));
}

const textOf = (content: Completion['choices'][number]['message']['content']): string =>
  typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('');
