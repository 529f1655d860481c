/** Longer strings of facts are cut: names and labels stay far below. */
const MAX_STRING = 300;

/**
 * Text from outside as it may appear in a prompt: NFKC, without control, bidirectional and invisible characters, white
 * space as single blanks, cut to `max` characters.
 */
export function cleanText(text: string, max = MAX_STRING): string {
  const cleaned = text
    // Before normalising too: a huge string costs nothing then.
    .slice(0, max * 4)
    .normalize('NFKC')
    // Tags and variation selectors (a channel for hidden text) are format characters or marks of their own.
    .replace(
      /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}\u034F\u115F\u1160\u17B4\u17B5\u2800\u3164\s]+/gu,
      ' ',
    )
    .trim();
  return [...cleaned].slice(0, max).join('').trim();
}
