import { CONCERN } from '../../../src/steps/issue-verdict/concern';
import { en } from '../../../src/cli/texts/en';
import { languageOf, textsOf } from '../../../src/cli/texts/texts';
import { zh } from '../../../src/cli/texts/zh';

const valuesOf = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name as string).sort();

it('has the values of each English text in the Chinese one', () => {
  for (const [key, text] of Object.entries(en)) {
    const stem = key.replace(/_(one|other)$/, '') as keyof typeof zh;
    expect([key, valuesOf(zh[stem])]).toEqual([key, valuesOf(text)]);
  }
});

it('has a Chinese text for each concern that is not a warning', () => {
  const own = Object.values(CONCERN).filter(
    (code) => code !== 'Overridden' && code !== 'UnknownService',
  );
  for (const code of own) expect(Object.keys(zh)).toContain(`concern.${code}`);
});

it.each([
  ['zh', {}, 'zh'],
  [undefined, { LANG: 'zh_CN.UTF-8' }, 'zh'],
  [undefined, { LC_ALL: 'en_US.UTF-8', LANG: 'zh_CN.UTF-8' }, 'en'],
  ['en', { LANG: 'zh_CN.UTF-8' }, 'en'],
  [undefined, { LANG: 'C' }, 'en'],
  [undefined, {}, 'en'],
] as const)('takes %s and %j for %s', (option, env, language) => {
  expect(languageOf(option, env)).toBe(language);
});

it.each([
  [6360, '1 小时 46 分钟'],
  [7067, '1 小时 58 分钟'],
  [3599.9, '1 小时'],
  [45, '45 秒'],
  [0, '0 秒'],
  [90_000, '1 天 1 小时'],
])('says %s seconds as %s', (seconds, text) => {
  expect(textsOf('zh').duration(seconds)).toBe(text);
});

it('chooses between one and many', () => {
  expect([1, 2].map((count) => textsOf('en').t('hosts', { count }))).toEqual(['1 host', '2 hosts']);
  expect(textsOf('zh').t('hosts', { count: 1 })).toBe('1 台主机');
});
