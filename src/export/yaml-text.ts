import { Document, isScalar, visit } from 'yaml';

/** What YAML parsers take for a break, refuse, or do not show: written with an escape. */
const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\p{Cf}\u2028\u2029\ufeff]/u;
const ALL_HIDDEN = /[\u007f-\u009f\p{Cf}\u2028\u2029\ufeff]/gu;
/** Texts that no version of YAML reads as anything else. */
const PLAIN = /^[a-zA-Z][a-zA-Z0-9_./-]*$/;

/** Documents in one YAML text, which parsers of YAML 1.1 and 1.2 read alike: what is a text stays one. */
export const yamlOf = (comment: string, documents: readonly unknown[]): string =>
  documents
    .map((content, index) => {
      const text = written(content);
      return index === 0 ? `${comment === '' ? '' : `# ${comment}\n`}${text}` : `---\n${text}`;
    })
    .join('');

function written(content: unknown): string {
  const document = new Document(content, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || !isScalar(node) || typeof node.value !== 'string') return;
      const value = node.value.replace(/\p{Cs}/gu, '\ufffd');
      node.value = value;
      // PromQL and JSON are full of double quotes.
      if (HIDDEN.test(value)) node.type = 'QUOTE_DOUBLE';
      else if (value.includes('\n')) node.type = 'BLOCK_LITERAL';
      else if (value.includes('"')) node.type = 'QUOTE_SINGLE';
      else if (!PLAIN.test(value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document
    .toString({ lineWidth: 0, indent: 2 })
    .replace(ALL_HIDDEN, (sign) =>
      [...sign].map((one) => escaped(one.codePointAt(0) ?? 0)).join(''),
    );
}

const escaped = (code: number): string =>
  code > 0xffff
    ? `\\U${code.toString(16).padStart(8, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
