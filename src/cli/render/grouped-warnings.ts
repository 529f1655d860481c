import { colours as colors } from '../../adapters/terminal/colours';
import type { Warning } from '../../domain/step-result';
import { plainText } from '../../adapters/terminal/printable';
import type { View } from './layout/terminal-view';
import { wrapHard } from './layout/wrap-hard';

/** One warning, or all of one code and step whose messages are equal but for what they begin with. */
export type WarningText = { step: string; code: string; messages: string[]; count: number };

/** So many messages of one code are shown; the rest is counted, and the JSON has all. */
const MAX_MESSAGES = 3;
const SEPARATOR = ': ';

/**
 * Warnings by step and code. `a is weak: wait` and `b is weak: wait` become one message, `a is weak, b is weak: wait`,
 * so that the same sentence is not read ten times.
 */
export function groupedWarnings(warnings: readonly Warning[]): WarningText[] {
  const byCode = new Map<string, Warning[]>();
  for (const warning of warnings) {
    const key = `${warning.step_name} ${warning.code}`;
    byCode.set(key, [...(byCode.get(key) ?? []), warning]);
  }
  return [...byCode.values()].map((same) => ({
    step: same[0]?.step_name ?? '',
    code: same[0]?.code ?? '',
    messages: merged(same.map(({ message }) => message)),
    count: same.length,
  }));
}

/** Joins messages with the same end; their beginnings are listed. */
function merged(messages: readonly string[]): string[] {
  const byEnd = new Map<string, string[]>();
  for (const message of messages) {
    const at = message.indexOf(SEPARATOR);
    const [head, end] = at < 0 ? [message, ''] : [message.slice(0, at), message.slice(at)];
    byEnd.set(end, [...(byEnd.get(end) ?? []), head]);
  }
  return [...byEnd].flatMap(([end, heads]) =>
    end === '' ? heads : [`${[...new Set(heads)].join(', ')}${end}`],
  );
}

/** For a terminal: a mark, the step and code with their number, and the messages. */
export function warningLines(
  warnings: readonly Warning[],
  { texts, width }: Pick<View, 'texts' | 'width'>,
): string[] {
  return groupedWarnings(warnings).flatMap(({ step, code, messages, count }) => {
    const more = messages.length - MAX_MESSAGES;
    const number = count > 1 ? ` (${count})` : '';
    const text = [
      ...messages.slice(0, MAX_MESSAGES),
      ...(more > 0 ? [texts.t('more', { count: more })] : []),
    ].join('; ');
    return wrapHard(plainText(`! ${step} ${code}${number}: ${text}`), width).map((line, i) =>
      i === 0 ? line.replace('!', colors.yellow('!')) : `  ${line}`,
    );
  });
}
