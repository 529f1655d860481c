import { ownCode } from './colours';

/** What is shown where a character was taken out. */
const TAKEN_OUT = '\ufffd';

/*
 * First what stays: U+200D and U+FE0F where an emoji is made with them. Then what moves the cursor, clears the screen,
 * writes to the clipboard, reorders a line or is not seen at all: control characters but tab and line feed, format
 * characters (bidirectional, zero-width, soft hyphen, tags), separators of lines and paragraphs, private use, unpaired
 * surrogates, fillers (letters without a shape), variation selectors.
 */
const SIGNS =
  /((?<=\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=\p{Extended_Pictographic})|(?<=\p{Extended_Pictographic})\ufe0f|(?<=[0-9#*])\ufe0f(?=\u20e3))|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Cf}\p{Co}\p{Cs}\u2028\u2029\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

/** A colour code of this process (colours.ts), or one sign. */
const CODE = /\u001b\[(\d{1,3});(\d{4};\d{4};\d{4})m/g;

/**
 * Text of several lines as it may go to a terminal: our own colours stay, every hidden character of anybody is shown as
 * U+FFFD. Takes linear time.
 */
export function printable(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(CODE)) {
    const code = ownCode(match[1] ?? '', match[2] ?? '');
    if (code === undefined) continue;
    parts.push(withoutHidden(text.slice(from, match.index)), code);
    from = match.index + match[0].length;
  }
  return [...parts, withoutHidden(text.slice(from))].join('');
}

const withoutHidden = (text: string): string =>
  text.replace(SIGNS, (sign, ofEmoji: string | undefined) =>
    ofEmoji === undefined ? TAKEN_OUT : sign,
  );

/** A name or sentence from outside: `printable`, on one line and without colours; white space becomes single blanks. */
export const plainText = (text: string): string =>
  withoutHidden(text.replace(/[ \t\n\r]+/g, ' ')).replace(/\p{Zs}+/gu, ' ');

/** The value with each of its texts as `plainText` has it, keys too: what a renderer then puts together is plain. */
export function plainTexts<Value>(value: Value): Value {
  return plainOf(value) as Value;
}

function plainOf(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value);
  if (Array.isArray(value)) return value.map(plainOf);
  if (value instanceof Map)
    return new Map([...value].map(([key, each]): [unknown, unknown] => [key, plainOf(each)]));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [plainText(key), plainOf(each)]),
  );
}

/** JSON for people and programs: the same value, but what a terminal would act on is written as `\u001b`. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(SIGNS, (sign, ofEmoji: string | undefined) =>
    ofEmoji === undefined ? escaped(sign) : sign,
  );

/** JSON has escapes of UTF-16 units alone. */
const escaped = (sign: string): string =>
  Array.from(
    { length: sign.length },
    (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
