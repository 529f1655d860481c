import { plainText } from '../../adapters/terminal/printable';

/** Mermaid refuses diagrams of more than 50,000 characters. */
const MAX_NAME = 60;

/**
 * Text from outside within a Mermaid diagram (labels in quotes, titles): everything that Mermaid, Markdown or HTML could
 * read as syntax becomes a character entity, `#35;`; so does what begins a Markdown list. At most 60 characters.
 */
export function mermaidText(text: string): string {
  const short = [...plainText(text)];
  const name = short.length > MAX_NAME ? [...short.slice(0, MAX_NAME - 1), '…'] : short;
  return name
    .join('')
    .replace(/:(?=\/\/)|(?<=^|\P{L})www\.|[^\p{L}\p{M}\p{N} _.:/,%·…-]|%(?=%)/giu, entities)
    .replace(/^\s*[-_.]|^\s*\d+\./u, (start) => start.slice(0, -1) + entities(start.slice(-1)));
}

const entities = (signs: string): string =>
  [...signs].map((sign) => `#${sign.codePointAt(0) ?? 0xfffd};`).join('');
