import { z } from 'zod';
import { didYouMean } from './did-you-mean';

type Fault = { at: PropertyKey[]; message: string };

/** Zod's issues as messages for the author: one line per key, with the likely intended key for a near miss. */
export function messagesOf(
  error: z.ZodError,
  schema: z.ZodType,
  matter: unknown,
  most = Infinity,
): Fault[] {
  const issues = error.issues.slice(0, most).flatMap(chosenBranch).slice(0, most);
  return issues.flatMap((issue): Fault[] => {
    const name = issue.path.join('.') || 'front matter';
    const fault = (message: string) => [{ at: issue.path, message: `${name}: ${message}` }];
    const given = valueAt(matter, issue.path);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.slice(0, most).map((key) => ({
        at: [...issue.path, key],
        message: unknownKey(key, issue.path, schema),
      }));
    if (given === undefined) return fault('is missing');
    if (issue.code === 'invalid_value') {
      const values = issue.values.map(String);
      const meant = typeof given === 'string' ? didYouMean(given, values) : '';
      return fault(`${shown(given)} is none of ${values.join(', ')}${meant}`);
    }
    return fault(`${issue.message}, not ${shown(given)}`);
  });
}

type Issue = z.core.$ZodIssue;

/** With several allowed shapes, the faults against the one whose keys fit best. */
function chosenBranch(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const [meant = []] = [...issue.errors].sort(
    (a, b) => misfit(a) - misfit(b) || a.length - b.length,
  );
  return meant.flatMap((inner) => chosenBranch({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Unknown keys, and keys of the shape itself that are missing. */
const misfit = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys') return sum + issue.keys.length;
    return sum + (issue.path.length === 1 && issue.code === 'invalid_type' ? 1 : 0);
  }, 0);

function unknownKey(key: string, at: readonly PropertyKey[], schema: z.ZodType): string {
  const name = [...at, key].join('.');
  const keys = keysAt(schema, at);
  const meant = didYouMean(key, keys);
  return `${name}: unknown key${meant || (keys.length > 0 ? `; known are ${keys.join(', ')}` : '')}`;
}

type JsonSchema = { properties?: Record<string, JsonSchema>; items?: JsonSchema };

/** The keys that the schema has at a path. */
function keysAt(schema: z.ZodType, at: readonly PropertyKey[]): string[] {
  let node = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema | undefined;
  for (const key of at)
    node = typeof key === 'number' ? node?.items : node?.properties?.[String(key)];
  return Object.keys(node?.properties ?? {});
}

const valueAt = (matter: unknown, at: readonly PropertyKey[]): unknown =>
  at.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null)?.[key], matter);

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};
