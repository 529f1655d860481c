import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { logDuration, logTime } from '../../../../src/adapters/topology/documents/log-values';
import { logSchemas, ownLogSchema } from '../../../../src/adapters/topology/schemas/logs';

const read = (source: unknown) =>
  logSchemas.flatMap((schema) => schema.toEntry({ index: 'logs', fields: {}, source }) ?? []);
const line = {
  '@timestamp': '2026-08-22T23:30:06.872514881Z',
  request_id: 'req-1',
  service: 'front',
  message: 'HTTP request completed',
  status: '503',
  duration: '22142µs',
};

it('reads a line whose request ended, with the fraction of its millisecond', () => {
  expect(read(line)).toEqual([
    {
      request: 'req-1',
      service: 'front',
      at: Date.parse('2026-08-22T23:30:06.872Z') + 0.514881,
      duration: 22.142,
      phase: 'ended',
      failed: true,
    },
  ]);
});

it('reads the lines that begin and accompany a request', () => {
  const begun = { ...line, duration: undefined, status: undefined };
  expect(read({ ...begun, message: 'HTTP request received' })).toMatchObject([
    { phase: 'received', duration: null, failed: null },
  ]);
  expect(read({ ...begun, message: 'calling dependency' })).toMatchObject([{ phase: 'during' }]);
});

it('takes the trace id where there is no request id, and names with dots for nested ones', () => {
  const rest = { ...line, request_id: undefined };
  expect(read({ ...rest, trace_id: 't' })).toMatchObject([{ request: 't', service: 'front' }]);
  const dotted = { '@timestamp': line['@timestamp'], TraceId: 't', 'Attributes.service': 'front' };
  expect(read(dotted)).toMatchObject([{ request: 't', service: 'front' }]);
});

it('reads what ZeroOps really indexes', () => {
  const source: unknown = JSON.parse(
    readFileSync(
      path.resolve(__dirname, '../../../fixtures/topology/real-zeroops/log_document_API.md.json'),
      'utf8',
    ),
  );
  const entry = {
    request: '36e4c61d27746610192266900c8aa6c7',
    service: 'metadata-service',
    at: logTime('2025-08-28T03:34:39.196013946Z'),
    duration: expect.closeTo(0.102436, 9),
    phase: 'ended',
    failed: false,
  };
  expect(read(source)).toEqual([entry, entry]);
});

it('skips lines without a request, a service or a time', () => {
  for (const source of [
    { ...line, request_id: '' },
    { ...line, service: undefined },
    { ...line, '@timestamp': 'noon' },
    null,
    'text',
  ]) {
    expect(read(source)).toEqual([]);
  }
});

it.each([
  ['102.436µs', 0.102436],
  ['13630\u00b5s', 13.63],
  ['5\u03bcs', 0.005],
  ['1.5ms', 1.5],
  ['1m2.5s', 62_500],
  ['2h', 7_200_000],
  ['250ns', 0.00025],
  ['13', null],
  ['fast', null],
  ['', null],
  ['1 ms', null],
])('reads the duration %s', (text, expected) => {
  const duration = logDuration(text);
  if (expected === null) expect(duration).toBeNull();
  else expect(duration).toBeCloseTo(expected, 9);
});

it('reads a time of any precision and zone', () => {
  expect(logTime('1787441406872.5')).toBe(1787441406872.5);
  expect(logTime('2026-08-22T23:30:06')).toBe(Date.parse('2026-08-22T23:30:06Z'));
  expect(logTime('2026-08-23T01:30:06.25+02:00')).toBe(Date.parse('2026-08-22T23:30:06.250Z'));
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
      (date) => {
        expect(logTime(date.toISOString())).toBeCloseTo(date.getTime(), 3);
      },
    ),
  );
});

it.each([
  ['17.5', 17.5],
  ['17ms', 17],
  ['soon', null],
])('reads fields under the names of the user, a duration of %s as %s ms', (took, duration) => {
  const own = ownLogSchema({ trace: 'ctx.request', service: 'app', time: 'ts', duration: 'took' });
  const source = { ctx: { request: 'r1' }, app: 'cart', ts: '2026-08-22T23:30:06Z', took };
  expect(own.toEntry({ index: 'logs', fields: {}, source })).toMatchObject({
    ...{ request: 'r1', service: 'cart', at: Date.parse('2026-08-22T23:30:06Z'), duration },
  });
});

it('leaves out lines whose service or request is longer than a name', () => {
  expect(read(line)).toHaveLength(1);
  for (const key of ['request_id', 'service'])
    expect(read({ ...line, [key]: '.'.repeat(2_049) })).toEqual([]);
});
