import type { ExecutionState } from '../../domain/execution/execution';

const MAX_EVENTS = 8;

/** A release for a terminal: phase and reason, hosts by state, rules, and what happened last. */
export function renderRelease(state: ExecutionState): string {
  const { phase, batch, batches, issue_id: id, reason, rules, events } = state;
  const lines = [`${phase}, batch ${batch} of ${batches}${id === null ? '' : `, issue ${id}`}`];
  if (reason !== undefined) lines.push(`why: ${reasonText(reason)}`);
  for (const [of, hosts] of hostsByState(state)) lines.push(`${of.padEnd(13)} ${hosts.join(', ')}`);
  for (const { rule_id: rule, value, limit, verdict } of rules)
    lines.push(`${verdict.padEnd(13)} ${rule}: ${value ?? 'no value'} (limit ${limit})`);
  lines.push(...events.slice(-MAX_EVENTS).map(eventText));
  return lines.join('\n');
}

export const eventText = ({ at, type, text, by }: ExecutionState['events'][number]): string =>
  `${at} ${type}: ${text}${by === undefined ? '' : ` (${by})`}`;

/** The live view: what changes is in its first lines. */
export const releaseLines = (state: ExecutionState): string[] => renderRelease(state).split('\n');

const reasonText = ({ code, text, value, limit, source }: NonNullable<ExecutionState['reason']>) =>
  [
    `${code}: ${text}`,
    ...(value === undefined ? [] : [`value ${value ?? 'none'}, limit ${limit}`]),
    ...(source === undefined ? [] : [source]),
  ].join('; ');

function hostsByState({ hosts }: ExecutionState): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [id, { state }] of Object.entries(hosts))
    found.set(state, [...(found.get(state) ?? []), id]);
  return found;
}
