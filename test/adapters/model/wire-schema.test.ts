import { z } from 'zod';
import { wireSchemaOf } from '../../../src/adapters/model/wire-schema';

it('keeps shape, enums and nullability, and leaves bounds and patterns to the local check', () => {
  const local = z.strictObject({
    id: z
      .string()
      .max(9)
      .regex(/^r\d+$/),
    batch: z.int().min(1),
    level: z.enum(['low', 'high']).nullable(),
    list: z.array(z.strictObject({ n: z.number().max(3) })).max(5),
  });
  expect(wireSchemaOf(local)).toEqual({
    type: 'object',
    properties: {
      id: { type: 'string' },
      batch: { type: 'integer' },
      level: { anyOf: [{ type: 'string', enum: ['low', 'high'] }, { type: 'null' }] },
      list: {
        type: 'array',
        items: {
          type: 'object',
          properties: { n: { type: 'number' } },
          required: ['n'],
          additionalProperties: false,
        },
      },
    },
    required: ['id', 'batch', 'level', 'list'],
    additionalProperties: false,
  });
});

const nested = (depth: number): z.ZodType =>
  depth === 0 ? z.string() : z.strictObject({ deeper: nested(depth - 1) });

it.each([
  ['an optional key', z.strictObject({ a: z.string().optional() })],
  ['a record', z.strictObject({ a: z.record(z.string(), z.string()) })],
  ['unknown keys', z.looseObject({ a: z.string() })],
  ['a list at the root', z.array(z.string())],
  ['a default', z.strictObject({ a: z.string().default('x') })],
  ['a tuple', z.strictObject({ a: z.tuple([z.string()]) })],
  ['more than 10 levels', nested(11)],
  [
    'more than 1,000 enum values',
    z.strictObject({ a: z.enum(Array.from({ length: 1001 }, (_, i) => `m${i}`)) }),
  ],
])('refuses %s, a mistake that a strict server would answer with 400', (_name, schema) => {
  expect(() => wireSchemaOf(schema)).toThrow(TypeError);
});
