/** What a display ignores. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** One person in two spellings (case, width, composition, blanks) is one person. */
export const personOf = (by: string): string =>
  by
    .normalize('NFKC')
    .replace(HIDDEN, '')
    .replace(/\s+/gu, ' ')
    .trim()
    // Upper case first: it makes one of ß and ss, and of the two forms of sigma.
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC');
