import { colours as colors } from '../../adapters/terminal/colours';
import type { Issue } from '../../domain/issue';
import type { Verdict } from '../../domain/issue-verdict';
import { verdictText } from '../texts/verdict-text';
import { plainText } from '../../adapters/terminal/printable';
import type { View } from './layout/terminal-view';
import { wrapHard } from './layout/wrap-hard';

const COLOUR: Record<Verdict['ready'], (text: string) => string> = {
  yes: colors.green,
  no: colors.red,
  with_care: colors.yellow,
};

/** The verdict and its concerns for a terminal, the worst first. */
export function verdictLines(issue: Issue, { texts, width }: View): string[] {
  const { ready, sentence, concerns } = verdictText(issue, texts);
  return [
    ...wrapHard(plainText(sentence), width).map((line) => colors.bold(COLOUR[ready](line))),
    // The sentence names the worst one.
    ...concerns
      .slice(1)
      .flatMap((text) =>
        wrapHard(plainText(text), width - 2).map((line, i) => `${i === 0 ? '-' : ' '} ${line}`),
      ),
  ];
}
