/** What a display ignores. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Latin letters that look like the Greek ones from α on, and like the Cyrillic ones from а on; `-`: none does. */
const GREEK = 'ab--ezh-ik-mn-o-p--ty-x--';
const CYRILLIC = 'a-b--e----k-mho-pcty-x---------------si-j';

const latin = (letter: string): string => {
  const at = letter.charCodeAt(0);
  const like = at < 0x430 ? GREEK.charAt(at - 0x3b1) : CYRILLIC.charAt(at - 0x430);
  return like === '-' ? letter : like;
};

/** One person in two spellings (case, width, composition, blanks, letters that look alike) is one person. */
export const personOf = (by: string): string =>
  by
    .normalize('NFKC')
    .replace(HIDDEN, '')
    .replace(/\s+/gu, ' ')
    .trim()
    // Upper case first: it makes one of ß and ss, and of the two forms of sigma.
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[α-ωа-ј]/g, latin);
