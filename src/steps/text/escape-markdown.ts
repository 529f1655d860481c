/** Longer texts are cut: what is shown is a line or a cell of a table. */
const MAX_TEXT = 300;

/**
 * Text without hidden characters as text of Markdown, in a paragraph, a heading, a list or a cell. It is no markup, and
 * what sites make of plain text is broken visibly, as it is usual in security reports: `https[:]//example.com`,
 * `www[.]example.com`, `[@]everyone`, `[#]12`, so that nothing becomes a link, calls anybody or refers to another issue.
 */
export const breakMarkup = (text: string): string =>
  text
    .replace(/@/g, '[@]')
    .replace(/:(?=\/\/)/g, '[:]')
    .replace(/\bwww\.(?=\S)/gi, (match) => `${match.slice(0, 3)}[.]`)
    .replace(/[#!](?=\d)/g, '[$&]')
    .replace(/\bGH-(?=\d)/gi, (match) => `${match.slice(0, 2)}[-]`)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~#!$]|\{(?=[{%])/g, '\\$&')
    .replace(/^[-+=]/, '\\$&')
    .replace(/^(\d{1,9})(?=[.)])/, '$1\\');

/** A name or a message from outside as one line of plain text within Markdown; hidden characters become blanks. */
export const escapeMarkdown = (text = ''): string =>
  breakMarkup(
    text
      .slice(0, MAX_TEXT)
      .replace(
        /[\s\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]+/gu,
        ' ',
      ),
  );
