import { causesAround } from '../../../src/steps/service-chain/build-chain';
import { explainPath } from '../../../src/steps/service-chain/explain-path';
import type { Span } from '../../../src/domain/topology/span';
import { span } from '../../fixtures/spans/spans';

const pathOf = (from: string, to: string, spans: Span[]) =>
  explainPath(
    from,
    to,
    causesAround(from, {
      readings: [
        { kind: 'spans', schema: 'otel', earlier: false, traces: { sampled: 1, total: 1 }, spans },
      ],
      source: { indices: [], window: { from: '', to: '' } },
      notes: [],
    }),
  )?.map(({ place, guessed }) => `${place.service} ${place.span}${guessed ? ' ?' : ''}`) ?? null;

const topic = { system: 'kafka', name: 'orders' };
const spans = [
  span('1', 'web'),
  span('2', 'web', { kind: 'client', parent: '1' }),
  span('3', 'gw', { parent: '2' }),
  span('4', 'orders', { parent: '3' }),
  span('5', 'orders', { kind: 'producer', parent: '4', topic }),
  span('6', 'mail', { kind: 'consumer', trace: 'u', topic }),
  span('7', 'ads', { trace: 'v' }),
];

it('is the work of each service on the shortest way, by the first of its spans', () => {
  expect(pathOf('web', 'orders', spans)).toEqual(['web 1', 'gw 3', 'orders 4']);
});

it('leads over a topic, and says that the message is not known', () => {
  expect(pathOf('gw', 'mail', spans)).toEqual(['gw 3', 'orders 4', 'mail 6 ?']);
});

it('is absent where nothing leads there, or only the other way', () => {
  expect(pathOf('web', 'ads', spans)).toBeNull();
  expect(pathOf('orders', 'web', spans)).toBeNull();
});
