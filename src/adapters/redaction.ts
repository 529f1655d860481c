/** Replaces a secret in a text. */
const HIDDEN = '[redacted]';
/** Shorter ones would be found inside ordinary words. */
const MIN_LENGTH = 6;
/** An excerpt is made of no more than this, so that a large answer costs little. */
const MAX_SEARCHED = 64 * 1024;

export type Redactor = {
  redact: (text: string) => string;
  /** White space collapsed, secrets hidden, then cut: a cut first could leave half a secret, which nothing would find. */
  excerpt: (text: string, max: number) => string;
};

/** Hides secret values in texts, also where JSON or a URL wrote them in its own way. */
export function createRedactor(secrets: Iterable<string>): Redactor {
  const forms = [...new Set([...secrets].flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const longest = forms[0]?.length ?? 0;
  // An alternative of literals takes linear time.
  // eslint-disable-next-line no-restricted-syntax
  const pattern = forms.length === 0 ? undefined : new RegExp(forms.map(literal).join('|'), 'g');
  const redact = (text: string): string =>
    pattern === undefined ? text : text.replace(pattern, HIDDEN);
  return {
    redact,
    excerpt(text, max) {
      const whole = text.length <= MAX_SEARCHED;
      const hidden = redact(text.slice(0, MAX_SEARCHED));
      const kept = whole ? hidden : hidden.slice(0, Math.max(0, hidden.length - longest));
      return kept.replace(/\s+/g, ' ').trim().slice(0, max);
    },
  };
}

/**
 * As it is, in JSON (Go escapes `<>&`, PHP the slash), in JSON within JSON, in a URL, in HTML, and in Base64, which Basic
 * authentication shows, and in the middle of which a dump of a whole request does.
 */
function formsOf(secret: string): string[] {
  if (secret.length < MIN_LENGTH) return [];
  const json = JSON.stringify(secret).slice(1, -1);
  const base64 = Buffer.from(secret).toString('base64');
  return [
    ...[secret, json, JSON.stringify(json).slice(1, -1)],
    ...[json.replace(/[<>&]/g, unicodeEscape), json.replaceAll('/', '\\/')],
    ...[encodeURIComponent(secret), encodeURI(secret), secret.replace(/[&<>"']/g, htmlEscape)],
    ...[base64, base64.replace(/(?<!=)=+$/, ''), Buffer.from(secret).toString('base64url')],
    ...amidBase64(secret),
  ];
}

const unicodeEscape = (char: string): string =>
  `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

const HTML: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' };
const htmlEscape = (char: string): string => `&${HTML[char]};`;

/** Fewer characters of Base64 could be something else. */
const MIN_AMID = 12;

/** The Base64 forms of a secret inside a longer text, for each of the three alignments, without the characters that adjacent bytes change. */
const amidBase64 = (secret: string): string[] =>
  [0, 1, 2]
    .map((before) => Buffer.from('\0'.repeat(before) + secret))
    .map((bytes, before) =>
      bytes
        .subarray(0, bytes.length - (bytes.length % 3))
        .toString('base64')
        .slice(before === 0 ? 0 : 4),
    )
    .filter((form) => form.length >= MIN_AMID);

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const known = new Set<string>();
let current = createRedactor(known);

/**
 * The process has one list of secrets, filled when its configuration is read: errors, logs and failures are made in a
 * hundred places, and one that had not been handed a redactor would be the leak.
 */
export function hideSecrets(secrets: Iterable<string>): void {
  for (const secret of secrets) known.add(secret);
  current = createRedactor(known);
}

/** Hides the secrets of this process. */
export const redact = (text: string): string => current.redact(text);

/** One line of at most `max` characters, without the secrets of this process. */
export const redactedExcerpt = (text: string, max: number): string => current.excerpt(text, max);
