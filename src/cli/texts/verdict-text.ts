import type { Issue } from '../../domain/issue';
import type { Concern, Verdict } from '../../domain/issue-verdict';
import { parseSeconds } from '../../steps/text/parse-seconds';
import { verdictOf } from '../../steps/issue-verdict/issue-verdict';
import type { TextKey } from './en';
import type { Texts } from './texts';
import { zh } from './zh';

export type VerdictText = { ready: Verdict['ready']; sentence: string; concerns: string[] };

/** The verdict in a language. Issues that were recorded without one get the one that their steps give. */
export function verdictText(issue: Issue, texts: Texts): VerdictText {
  const { ready, sentence, concerns } = issue.verdict ?? verdictOf(issue);
  if (texts.language === 'en') {
    return { ready, sentence, concerns: concerns.map(({ text }) => text) };
  }
  const { batches, total_time } = issue.steps[2].details.gray_strategy;
  const duration = texts.duration(parseSeconds(total_time));
  const translated = concerns.map((one) => concernText(one, texts));
  const values = {
    size: texts.t('size', { count: batches.length, duration }),
    worst: translated[0] ?? '',
  };
  return { ready, sentence: texts.t(`verdict.${ready}`, values), concerns: translated };
}

/** A concern by its code and values; in English where the catalogue does not know the code. */
function concernText({ code, text, params = {} }: Concern, { t, duration }: Texts): string {
  const key = `concern.${code}`;
  if (!isKnown(key)) return text;
  const seconds = Number(params['seconds']);
  return t(key, { ...params, duration: duration(seconds) });
}

const isKnown = (key: string): key is TextKey => Object.hasOwn(zh, key);
