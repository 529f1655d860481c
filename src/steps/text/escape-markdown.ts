/** Longer texts are cut: what is shown is a line or a cell of a table. */
const MAX_TEXT = 300;

/** A name or a message from outside as one line of plain text within Markdown: no markup, HTML, cell or mention. */
export const escapeMarkdown = (text = ''): string =>
  text
    .slice(0, MAX_TEXT)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/[\\`*_[\]<>|~#!&@]/g, '\\$&');
