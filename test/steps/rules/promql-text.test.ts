import {
  asVector,
  selectorsOf,
  withoutComments,
  withPlainLiterals,
} from '../../../src/steps/rules/promql-text';

it('finds each selector once, without range, offset and time', () => {
  expect(
    selectorsOf('sum(rate(a{b="c"}[5m] offset 1h)) / (sum(rate(a{b="c"}[5m])) > 0) or foo @ 5'),
  ).toEqual(['a{b="c"}', 'foo']);
  expect(selectorsOf('vector(1)')).toEqual([]);
});

it('takes comments out, and leaves what looks like one in a text', () => {
  expect(withoutComments('sum(a{b="# no"}) # yes\n+ 1 # end')).toBe('sum(a{b="# no"})  \n+ 1');
});

it('writes literals that no template engine fills, with the same meaning', () => {
  expect(withPlainLiterals('a{b="{{args.x}}"}')).toBe('a{b="\\x7b{args.x}}"}');
  expect(withPlainLiterals("a{b='x{{{y'}")).toBe("a{b='x\\x7b\\x7b{y'}");
  expect(withPlainLiterals('a{b=`\\d{{2}}"`}')).toBe('a{b="\\\\d\\x7b{2}}\\""}');
  expect(withPlainLiterals('a{b="two  blanks"}')).toBe('a{b="two\\x20 blanks"}');
  expect(withPlainLiterals('a{b="c"}')).toBe('a{b="c"}');
});

it.each(['time()', 'scalar(up) / 2', '-(1 + 2)', 'pi()'])('makes a vector of %s', (expr) => {
  expect(asVector(expr)).toBe(`vector(${expr})`);
});
it.each(['up', 'time() - max(up)', '2 * up', 'vector(1)', '-(up)', 'sum(up)'])(
  'leaves %s as it is',
  (expr) => {
    expect(asVector(expr)).toBe(expr);
  },
);
