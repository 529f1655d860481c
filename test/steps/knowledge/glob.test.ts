import fc from 'fast-check';
import { matcherOf, matches } from '../../../src/steps/knowledge/glob';

const words = fc.constantFrom('http', 'requests', 'errors', 'total', 'up', 'queue', 'a', '');
const name = fc.array(words, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('_'));
/** A name of which some letters are any. */
const pattern = fc
  .array(fc.oneof(words, fc.constantFrom('*', 'x*', '*s', 'err*rs')), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join('_'));

it('takes by one look what one of many patterns takes', () => {
  const property = fc.property(
    fc.array(pattern, { maxLength: 8 }),
    fc.array(name, { minLength: 1, maxLength: 20 }),
    (patterns, names) => {
      const takes = matcherOf(patterns);
      for (const one of names)
        expect(takes(one)).toBe(patterns.some((candidate) => matches(candidate, one)));
    },
  );
  fc.assert(property, { numRuns: 2_000 });
});
