import { z } from 'zod';
import { parseBoundedJson } from '../adapters/upstream/bounded-json';

// What the variables of src/config/config.ts are made of: a text of the environment → a typed value, or what it must be.

const Url = z
  .string()
  .refine((text) => !/^["'].*["']$/.test(text), {
    // `docker run --env-file` and `export $(cat .env)` keep them.
    error: 'must be a URL without quotation marks around it',
    abort: true,
  })
  .refine((text) => URL.canParse(text), 'must be a URL');
/** The address of a collector, whose parameters are sent with everything. */
export const CollectorUrl = Url.refine(
  (text) => /^https?:/.test(text),
  'must start with http:// or https://',
);
/** A token in a parameter would not be sent, and the error of the server would not name the reason. */
const sendsAll = (text: string): boolean =>
  !URL.canParse(text) || text.startsWith('file:') || new URL(text).search === '';
const UNSENT = 'has parameters (?…), which are not sent: set credentials in their own variables';
export const HttpUrl = CollectorUrl.refine(sendsAll, UNSENT);
export const HttpOrFileUrl = Url.refine(
  (text) => /^(https?|file):/.test(text),
  'must start with http://, https:// or file:',
).refine(sendsAll, UNSENT);
export const commaSeparated = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .refine((parts) => parts.length > 0, 'must name at least one');
/** Folders as in PATH, none by default. */
export const folders = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(':')
      .map((part) => part.trim())
      .filter(Boolean),
  );
const DAY_MS = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 3.6e6, d: DAY_MS };
/** No index is kept that long, and a date exists for any shorter time. */
const MAX_WINDOW_MS = 3_660 * DAY_MS;
export const window = z
  .string()
  .default('24h')
  .refine((text) => isDuration(text) || isInterval(text), {
    message:
      'must be a duration such as 24h (1s to 3660d), or an ISO 8601 interval FROM/TO (after 1970, at most 3660 days)',
  });

/** A duration in whole seconds → milliseconds. */
export const seconds = (fallback: string, max: number) =>
  z
    .string()
    .default(fallback)
    .refine(
      (text) => /^\d+s$/.test(text) && Number.parseInt(text) >= 1,
      'must be a number of seconds such as 30s',
    )
    .transform((text) => Number.parseInt(text) * 1000)
    .refine((ms) => ms <= max * 1000, `must be at most ${max}s`);
const wholeIn = (min: number, max: number) =>
  z
    .string()
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
      `must be a whole number from ${min} to ${max}`,
    )
    .transform(Number);
export const whole = (fallback: number, min: number, max: number) =>
  wholeIn(min, max).default(fallback);
/** Without a default: unset means that there is no such bound. */
export const optionalWhole = (min: number, max: number) => wholeIn(min, max).optional();
export const hostPort = z
  .string()
  .regex(/^[^\s:]+:\d{1,5}$/, 'must be HOST:PORT')
  .optional();
/** Keys of a request that the adapter sets itself; any other may be added. */
const OWN_KEYS = ['model', 'messages', 'response_format', 'tools', 'tool_choice', 'stream', 'n'];
export const jsonObject = z
  .string()
  .default('{}')
  .transform((text, context): Record<string, unknown> => {
    const parsed = z.record(z.string(), z.unknown()).safeParse(parseJson(text));
    const own = OWN_KEYS.filter((key) => parsed.data !== undefined && key in parsed.data);
    if (parsed.success && own.length === 0) return parsed.data;
    context.addIssue(
      parsed.success
        ? `must not set ${own.join(', ')}`
        : 'must be a JSON object such as {"key": 1}, of at most 64 levels',
    );
    return z.NEVER;
  });

function parseJson(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return undefined;
  }
}

function isInterval(text: string): boolean {
  const [from, to, rest] = text.split('/');
  if (from === undefined || to === undefined || rest !== undefined) return false;
  const length = Date.parse(to) - Date.parse(from);
  return Date.parse(from) >= 0 && length > 0 && length <= MAX_WINDOW_MS;
}

function isDuration(text: string): boolean {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const length = Number(amount) * (UNIT_MS[unit] ?? NaN);
  return length > 0 && length <= MAX_WINDOW_MS;
}
