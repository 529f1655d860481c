import { z } from 'zod';

export type WireSchema = Record<string, unknown>;

/** Limits of OpenAI's strict mode; other servers allow more. */
const MAX_DEPTH = 10;
const MAX_ENUM_VALUES = 1_000;
const KEPT = new Set(['type', 'properties', 'required', 'additionalProperties', 'items', 'enum']);
/** Azure and some grammars reject these; the local schema still checks them. */
const LOCAL_ONLY = new Set([
  ...['$schema', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['minLength', 'maxLength', 'pattern', 'format', 'minItems', 'maxItems', 'uniqueItems'],
]);
const ALSO_KEPT = new Set(['anyOf', 'const', 'description']);

/**
 * The plain JSON Schema of a local schema, as strict modes take it: bounds and patterns are left to the local check.
 * Throws TypeError for a schema that no strict mode accepts (optional keys, records, a root that is not an object): a bug.
 */
export function wireSchemaOf(schema: z.ZodType): WireSchema {
  const wire = plain(z.toJSONSchema(schema), 1, '');
  if (wire['type'] !== 'object') throw new TypeError('a wire schema must be an object at its root');
  const values = enumValuesIn(wire);
  if (values > MAX_ENUM_VALUES) throw new TypeError(`a wire schema has ${values} enum values`);
  return wire;
}

function plain(node: unknown, depth: number, path: string): WireSchema {
  if (depth > MAX_DEPTH) throw new TypeError(`${path}: deeper than ${MAX_DEPTH} levels`);
  const entries = Object.entries(node as WireSchema).filter(([key]) => !LOCAL_ONLY.has(key));
  for (const [key] of entries) {
    if (!KEPT.has(key) && !ALSO_KEPT.has(key)) {
      throw new TypeError(`${path || 'root'}: strict modes do not know ${key}`);
    }
  }
  const out: WireSchema = Object.fromEntries(entries);
  if (out['type'] === 'object') return { ...out, ...plainObject(out, depth, path) };
  if (out['items'] !== undefined) out['items'] = plain(out['items'], depth + 1, `${path}[]`);
  if (Array.isArray(out['anyOf'])) {
    out['anyOf'] = out['anyOf'].map((branch) => plain(branch, depth, path));
  }
  return out;
}

function plainObject(node: WireSchema, depth: number, path: string): WireSchema {
  const properties = (node['properties'] ?? {}) as WireSchema;
  const required = (node['required'] ?? []) as string[];
  const optional = Object.keys(properties).filter((key) => !required.includes(key));
  if (optional.length > 0) throw new TypeError(`${path}: optional ${optional.join(', ')}`);
  if (node['additionalProperties'] !== false) throw new TypeError(`${path || 'root'}: not strict`);
  return {
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [
        key,
        plain(value, depth + 1, path === '' ? key : `${path}.${key}`),
      ]),
    ),
  };
}

function enumValuesIn(node: unknown): number {
  if (Array.isArray(node)) return node.reduce<number>((sum, item) => sum + enumValuesIn(item), 0);
  if (node === null || typeof node !== 'object') return 0;
  return Object.entries(node).reduce(
    (sum, [key, value]) =>
      sum + (key === 'enum' && Array.isArray(value) ? value.length : enumValuesIn(value)),
    0,
  );
}
