/** A reading of one rule. A value that is missing or no number is `null`, `"NaN"`, `"+Inf"` or `"-Inf"`. */
export type Sample = { at: string; value: number | string | null; series?: string };

type About = {
  /** Of the issue that the action is meant for; the guard refuses an action without it. */
  digest?: string;
  issue_id?: string;
  revision?: number;
  by?: string;
};
/** What an executor, an agent or a person wants to do. */
export type Action = About &
  (
    | { type: 'deploy'; batch_id: number; host_ids: readonly string[]; version: string }
    | { type: 'promote'; batch_id: number }
    | { type: 'judge'; rule_id: string; batch_id: number; samples: readonly Sample[] }
    | { type: 'mitigate'; action: string; risk?: string; host_ids: readonly string[] }
    | { type: 'rollback'; host_ids: readonly string[]; version: string }
    | { type: 'set_threshold'; rule_id: string; threshold: number; for?: string }
    | { type: 'pause' | 'continue' | 'abort' | 'finish'; reason?: string }
  );

const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => isText(one));
const isBatch = (value: unknown): value is number => Number.isSafeInteger(value);
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isSamples = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one: Sample | null) => isText(one?.at));

type Fields = Readonly<Record<string, unknown>>;
const optional =
  (fits: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || fits(value);
/** What each action must hold, by type. */
const FIELDS: ReadonlyMap<string, Readonly<Record<string, (value: unknown) => boolean>>> = new Map([
  ['deploy', { batch_id: isBatch, host_ids: isTexts, version: isText }],
  ['promote', { batch_id: isBatch }],
  ['judge', { rule_id: isText, batch_id: isBatch, samples: isSamples }],
  ['mitigate', { action: isText, risk: optional(isText), host_ids: isTexts }],
  ['rollback', { host_ids: isTexts, version: isText }],
  ['set_threshold', { rule_id: isText, threshold: isNumber, for: optional(isText) }],
  ['pause', {}],
  ['continue', {}],
  ['abort', {}],
  ['finish', {}],
] as [string, Record<string, (value: unknown) => boolean>][]);

export const ACTION_TYPES: readonly string[] = [...FIELDS.keys()];

/** The action, or why it is none. Nothing from outside is believed to have the right shape. */
export function readAction(input: unknown): Action | string {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return 'An action is an object with a type.';
  const fields = input as Fields;
  const wanted = isText(fields['type']) ? FIELDS.get(fields['type']) : undefined;
  if (!wanted) return `Unknown action; known are ${ACTION_TYPES.join(', ')}.`;
  const wrong = Object.keys(wanted).find((field) => !wanted[field]?.(fields[field]));
  if (wrong !== undefined) return `The field ${wrong} is missing or of another type.`;
  return fields as unknown as Action;
}
