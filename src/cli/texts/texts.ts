import { formatDuration as dateDuration, intervalToDuration } from 'date-fns';
import { zhCN } from 'date-fns/locale/zh-CN';
import { createInstance } from 'i18next';
import { formatDuration, twoLargestUnits } from '../../steps/text/format-duration';
import type { Language } from '../choices';
import { en, type TextKey } from './en';
import { zh } from './zh';

/** The texts of one language. */
export type Texts = {
  language: Language;
  /** The text of a key with its values; `count` chooses between one and many. */
  t: (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;
  /** A duration of so many seconds as people write it: `16 min`, `16 分钟`. */
  duration: (seconds: number) => string;
};

const catalogue = createInstance();
void catalogue.init({
  resources: { en: { translation: en }, zh: { translation: zh } },
  fallbackLng: false,
  keySeparator: false,
  nsSeparator: false,
  // Each output escapes its whole text itself.
  interpolation: { escapeValue: false },
  initAsync: false,
});

export function textsOf(language: Language): Texts {
  // Only Chinese plural rules would ask for `_other`, which its catalogue does not need.
  const translate = catalogue.getFixedT(language);
  return {
    language,
    t: (key, values = {}) => translate(key, values),
    duration: language === 'zh' ? chineseDuration : formatDuration,
  };
}

export const ENGLISH = textsOf('en');

/** `--lang`, else LC_ALL, LC_MESSAGES and LANG in the order of POSIX: Chinese for `zh…`, else English. */
export function languageOf(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Language {
  const locale = option || env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return /^zh\b|^zh_/i.test(locale) ? 'zh' : 'en';
}

const UNITS = ['years', 'months', 'days', 'hours', 'minutes', 'seconds'] as const;

/** The two largest units, as the English form has them. */
function chineseDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '未知时长';
  const duration = intervalToDuration({ start: 0, end: twoLargestUnits(seconds) * 1000 });
  const first = UNITS.findIndex((unit) => (duration[unit] ?? 0) > 0);
  const format = first < 0 ? [] : UNITS.slice(first, first + 2);
  return dateDuration(duration, { format, locale: zhCN }) || '0 秒';
}
