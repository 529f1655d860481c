import { lookAlike } from '../../../src/steps/version/look-alike';

it.each([
  ['c\u0430rt', 'mixes Latin with Cyrillic letters'],
  ['\u03bfrders', 'mixes Latin with Greek letters'],
  ['\uff43art', 'has letters in a style of their own, such as full-width ones'],
  ['\u{1d41a}uth', 'has letters in a style of their own, such as full-width ones'],
])('says that %s may be taken for another name', (name, why) => {
  expect(lookAlike(name)).toBe(why);
});

it.each([
  'cart-service_v2',
  '用户-api',
  'корзина',
  'été',
  'μικρό',
  '注文サービス',
  'v1.2.3+build.7',
])('takes %s for a usual name', (name) => expect(lookAlike(name)).toBeUndefined());
