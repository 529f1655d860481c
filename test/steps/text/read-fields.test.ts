import fc from 'fast-check';
import { readFields } from '../../../src/steps/text/read-fields';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-29T12:00:00Z');

it('reads what is there and answers with the value', () => {
  const fields = readFields({ name: 'cart', count: 3, until: '2026-11-30T12:00:00Z', kind: 'b' });
  const value = {
    name: fields.text('name', 10),
    count: fields.integer('count', 1, 5),
    until: fields.momentOrNull('until', NOW, 2 * DAY_MS),
    kind: fields.choice('kind', ['a', 'b']),
    other: fields.optionalText('other', 5),
  };
  expect(fields.result(value)).toEqual({
    ok: true,
    value: { name: 'cart', count: 3, until: '2026-11-30T12:00:00Z', kind: 'b', other: undefined },
  });
});

it.each([
  ['nothing', undefined],
  ['null', null],
  ['a text', '{"name": "cart"}'],
  ['a list', [{ name: 'cart' }]],
  ['a number', 7],
])('refuses %s in place of an object, in one line', (_name, input) => {
  const fields = readFields(input);
  fields.text('name', 10);
  expect(fields.result('x')).toEqual({ ok: false, problem: 'it must be an object' });
});

it.each([
  ['an empty text', { name: ' ' }],
  ['a text that is too long', { name: 'x'.repeat(11) }],
  ['a number', { name: 5 }],
  ['a name that every object has', JSON.parse('{"__proto__": {"name": "cart"}}') as object],
])('refuses %s', (_name, input) => {
  const fields = readFields(input);
  fields.text('name', 10);
  expect(fields.result('x')).toEqual({
    ok: false,
    problem: 'name must be a text of 1 to 10 characters',
  });
});

it('does not take what an object inherits for a field', () => {
  const fields = readFields({});
  expect(fields.text('constructor', 1_000)).toBe('');
  expect(fields.result('x').ok).toBe(false);
});

it.each([
  'garbage',
  '',
  '2026-11-29',
  '9999-12-31T00:00:00Z',
  'Infinity',
  '2026-13-40T99:99:99Z',
  5,
])('refuses %p as a moment within two days', (until) => {
  const fields = readFields({ until });
  expect(fields.momentOrNull('until', NOW, 2 * DAY_MS)).toBeNull();
  expect(fields.result('x')).toEqual({
    ok: false,
    problem: 'until must be null or an RFC 3339 time at most 2 days away',
  });
});

it('never throws and never answers with more than it was asked for', () => {
  fc.assert(
    fc.property(fc.anything(), (input) => {
      const fields = readFields(input);
      expect(fields.text('a', 5).length).toBeLessThanOrEqual(5);
      expect(fields.list('b', 2, () => ({ ok: true, value: 1 })).length).toBeLessThanOrEqual(2);
      const parsed = fields.result(1);
      expect(parsed.ok || parsed.problem.length < 1_000).toBe(true);
    }),
  );
});
