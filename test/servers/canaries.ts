import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A value that stands for nothing but the place it was planted in. */
export const canary = (): string => `cnry${randomBytes(12).toString('hex')}`;

/** So much of a canary is a leak of it: what was cut at either end is found too. */
const PART = 12;

/** Texts that show a value: parts of it, and parts of its Base64 wherever in a longer text it stood. */
function tracesOf(value: string): string[] {
  const parts = (text: string) => [text.slice(0, PART), text.slice(-PART)];
  const inBase64 = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(`${'x'.repeat(shift)}${value}`).toString('base64');
    // What depends on the neighbours is not looked for.
    return encoded.slice(4, -4);
  });
  return [...parts(value), ...inBase64.flatMap((text) => [text.slice(0, PART), text.slice(-PART)])];
}

/** `name` of each canary that a text shows, in plain or in Base64 (three times over). */
export function canariesIn(text: string, planted: Record<string, string>): string[] {
  const texts = [text];
  for (let depth = 0; depth < 3; depth += 1) {
    const decoded = [...(texts[depth] ?? '').matchAll(/[A-Za-z0-9+/_-]{24,}={0,2}/g)].map(
      ([encoded]) => Buffer.from(encoded, 'base64').toString('latin1'),
    );
    texts.push(decoded.join('\n'));
  }
  return Object.entries(planted)
    .filter(([, value]) => tracesOf(value).some((trace) => texts.some((it) => it.includes(trace))))
    .map(([name]) => name);
}

/** Every file below a folder, as one text each. */
export function filesBelow(folder: string): { file: string; text: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file, text: readFileSync(file, 'latin1') }));
}
