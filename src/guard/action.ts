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
const isSample = (value: unknown): value is Sample =>
  typeof value === 'object' && value !== null && isText((value as Sample).at);

type Fields = Readonly<Record<string, unknown>>;
/** What each action must hold, by type. */
const FIELDS: ReadonlyMap<string, (action: Fields) => boolean> = new Map([
  [
    'deploy',
    ({ batch_id, host_ids, version }: Fields) =>
      isBatch(batch_id) && isTexts(host_ids) && isText(version),
  ],
  ['promote', ({ batch_id }: Fields) => isBatch(batch_id)],
  [
    'judge',
    ({ rule_id, batch_id, samples }: Fields) =>
      isText(rule_id) && isBatch(batch_id) && Array.isArray(samples) && samples.every(isSample),
  ],
  [
    'mitigate',
    ({ action, risk, host_ids }: Fields) =>
      isText(action) && (risk === undefined || isText(risk)) && isTexts(host_ids),
  ],
  ['rollback', ({ host_ids, version }: Fields) => isTexts(host_ids) && isText(version)],
  [
    'set_threshold',
    ({ rule_id, threshold, for: hold }: Fields) =>
      isText(rule_id) && typeof threshold === 'number' && (hold === undefined || isText(hold)),
  ],
  ...['pause', 'continue', 'abort', 'finish'].map((type): [string, () => boolean] => [
    type,
    () => true,
  ]),
]);

export const ACTION_TYPES: readonly string[] = [...FIELDS.keys()];

/** The action, or why it is none. Nothing from outside is believed to have the right shape. */
export function readAction(input: unknown): Action | string {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return 'An action is a JSON object with a type.';
  const fields = input as Fields;
  const fits = isText(fields['type']) ? FIELDS.get(fields['type']) : undefined;
  if (fits === undefined)
    return `The guard knows no such action; it knows ${ACTION_TYPES.join(', ')}.`;
  if (!fits(fields))
    return `A field of the ${fields['type'] as string} is missing or of another type.`;
  return fields as unknown as Action;
}
