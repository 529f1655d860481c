/** Scripts with letters that look like Latin ones. */
const SIMILAR = [
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Armenian', /\p{Script=Armenian}/u],
  ['Cherokee', /\p{Script=Cherokee}/u],
] as const;
const LATIN = /\p{Script=Latin}/u;
/** `Ａ` of the full-width forms, `𝐚` of the mathematical ones: the compatibility form is another letter. */
const STYLED = /[\uff01-\uff5e\u{1d400}-\u{1d7ff}]/u;

/**
 * Why a name can be taken for another one that is spelled differently (Unicode TR 39, mixed-script confusables);
 * undefined where it cannot. Names in one script, and Latin letters amid Chinese, Japanese or Korean, are usual.
 */
export function lookAlike(name: string): string | undefined {
  if (STYLED.test(name)) return 'has letters in a style of their own, such as full-width ones';
  if (!LATIN.test(name)) return undefined;
  const other = SIMILAR.find(([, letters]) => letters.test(name));
  return other && `mixes Latin with ${other[0]} letters`;
}
