import { nearNames } from '../../../../src/adapters/topology/absent/near-names';

it.each([
  ['productpage', ['productpage.default', 'reviews.default'], ['productpage.default']],
  ['order', ['order-v2', 'order-v1', 'border-control-x'], ['order-v1', 'order-v2']],
  ['Checkout', ['checkout', 'cart'], ['checkout']],
  ['paymnet', ['payment', 'shipment'], ['payment']],
  ['checkout-v2.prod', ['checkout_v2'], ['checkout_v2']],
  ['x', ['cart', 'pay'], []],
  ['…', ['cart', ''], []],
])('%s could be meant as %j', (given, names, near) => {
  expect(nearNames(given, names)).toEqual(near);
});
