/** What a file begins with that Windows programs wrote; PowerShell's `>` writes UTF-16. */
const MARKS: readonly [readonly number[], string][] = [
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be'],
];

/** The text of a file of a person: UTF-8, or UTF-16 with its mark; the mark is left out. */
export function decodeText(bytes: Uint8Array): string {
  const encoding = MARKS.find(([mark]) => mark.every((byte, i) => bytes[i] === byte))?.[1];
  return new TextDecoder(encoding ?? 'utf-8').decode(bytes);
}

/** Why a text is no JSON, on one line. */
export const jsonFault = (text: string, error: unknown): string =>
  text.trim() === '' ? 'it is empty' : (error as Error).message.replaceAll(/\s+/g, ' ');
