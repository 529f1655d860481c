import { format } from 'date-fns';
import type { ExecutionEvent, ExecutionReason } from '../../../domain/execution/execution';
import type { Texts } from '../../texts/texts';
import { numberText } from './number-text';

const DAY_MS = 86_400_000;

/** The time of day where people are; with the date if it is not near. */
export function clockText(at: string, now = Date.now()): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const isNear = Math.abs(date.getTime() - now) < DAY_MS / 2;
  return format(date, isNear ? 'HH:mm:ss' : 'yyyy-MM-dd HH:mm');
}

/** One line of what happened; `when` says how its time is written. */
export const eventText = (
  { at, type, text, by }: ExecutionEvent,
  when: (at: string) => string = (time) => time,
): string => `${when(at)} ${type}: ${text}${by === undefined ? '' : ` (${by})`}`;

export const reasonText = (
  { code, text, value, limit, source }: ExecutionReason,
  { t }: Texts,
): string =>
  [
    `${code}: ${text.replace(/\.$/, '')}`,
    ...(value === undefined
      ? []
      : [t('release.level', { value: numberText(value), limit: numberText(limit ?? null) })]),
    ...(source === undefined ? [] : [source]),
  ].join('; ');
