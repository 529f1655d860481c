import { plainestFirst, wordUsage, type General } from '../../../src/steps/metrics/rank-unnamed';

const of = (name: string, level = 0, order = 0): General => ({ name, level, order });
const ordered = (metrics: General[], names: string[] = []) =>
  plainestFirst(metrics, wordUsage(names)).map(({ name }) => name);

describe('plainestFirst', () => {
  it('lets each convention speak once before one speaks twice', () => {
    const all = [of('a_errors', 0), of('b_errors_total', 0, 1), of('c_panics', 1), of('d_lost', 2)];
    expect(ordered(all)).toEqual(['a_errors', 'c_panics', 'd_lost', 'b_errors_total']);
  });

  it('prefers the plainest name, and of names as plain the one with the words of the family', () => {
    const plain = [of('shop_cart_cache_failed_total'), of('shop_failed_total')];
    expect(ordered(plain)).toEqual(['shop_failed_total', 'shop_cart_cache_failed_total']);
    const family = ['shop_orders_open', 'shop_orders_total', 'shop_mails_sent_total'];
    const alike = [of('shop_mails_failed_total'), of('shop_orders_failed_total')];
    expect(ordered(alike, family)[0]).toBe('shop_orders_failed_total');
  });

  it('puts one of many that differ in one word before the others, and what tells of the measuring last', () => {
    const many = ['a', 'b', 'c'].map((kind) => of(`shop_store_${kind}_failed_total`));
    const all = [
      ...many,
      of('shop_exporter_failed_total'),
      of('shop_remote_write_batch_failed_total'),
    ];
    expect(ordered(all)).toEqual([
      'shop_store_a_failed_total',
      'shop_remote_write_batch_failed_total',
      'shop_exporter_failed_total',
      'shop_store_b_failed_total',
      'shop_store_c_failed_total',
    ]);
  });
});
