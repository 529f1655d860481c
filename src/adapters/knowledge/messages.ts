import { z } from 'zod';
import { didYouMean } from './suggestion';

type Fault = { at: PropertyKey[]; message: string };

/** What zod found, said so that its writer can mend it: one line a key, near misses with what was meant. */
export function messagesOf(error: z.ZodError, schema: z.ZodType, matter: unknown): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    const name = issue.path.join('.') || 'front matter';
    const fault = (message: string) => [{ at: issue.path, message: `${name}: ${message}` }];
    const given = valueAt(matter, issue.path);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
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
