import { namesLike, skeletonOf } from '../../../src/steps/version/skeleton';

it.each([
  ['cart', 'c\u0430rt', 'a Cyrillic letter'],
  ['coco', '\u0441\u043e\u0441\u043e', 'every letter Cyrillic: one script, so no mixture'],
  ['orders', '\u03bfrders', 'a Greek letter'],
  ['cart', '\uff43\uff41\uff52\uff54', 'full width'],
  ['mail', 'rnail', 'two letters for one'],
  ['pay-api1', 'pay-apil', 'a digit'],
  ['shop0', 'shopO', 'a digit'],
  ['Cart', 'cart', 'another case'],
])('takes %s and %s for the same (%s)', (a, b) => {
  expect(skeletonOf(a)).toBe(skeletonOf(b));
  expect(namesLike(a, [b, 'other', b, a])).toEqual([b]);
});

it.each([
  ['cart', 'cast'],
  ['api', 'apl'],
  ['cart-v1', 'cart-v2'],
  ['\u043a\u043e\u0440\u0437\u0438\u043d\u0430', '\u043a\u043e\u0440\u0437\u0438\u043d\u044b'],
  ['\u7528\u6237', '\u7528\u6237-api'],
])('tells %s and %s apart', (a, b) => expect(namesLike(a, [b])).toEqual([]));

it('reads a long name in linear time', () => {
  expect(namesLike('m'.repeat(128), ['rn'.repeat(128)])).toHaveLength(1);
});
