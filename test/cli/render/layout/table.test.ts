import { table, type Column, type Row } from '../../../../src/cli/render/layout/table';
import { wrapHard } from '../../../../src/cli/render/layout/wrap-hard';
import { columnsOf } from '../../../../src/cli/render/terminal-text';

const style = (width: number) => ({ width, head: String, dim: String });
const COLUMNS: Column[] = [
  { head: 'group', moves: 1 },
  { head: 'metric', wraps: true },
  { head: 'fires' },
  { head: 'source', moves: 2 },
];
const ROWS: Row[] = [
  {
    cells: ['Latency', 'http_request_duration_seconds', '> 0.56s', 'knowledge:http-service'],
    below: [`histogram_quantile(0.99, sum by (le) (rate(${'x'.repeat(90)}[5m])))`],
  },
  { cells: ['内存', '用户服务的常驻内存字节数之和', '> 810MB', 'history'] },
];
const linesAt = (width: number) => table(COLUMNS, ROWS, style(width)).split('\n');

it.each([24, 40, 60, 80, 120, 200, Infinity])(
  'is at most %s columns wide, with wide signs',
  (width) => {
    for (const line of linesAt(width)) expect(columnsOf(line)).toBeLessThanOrEqual(width);
  },
);

it.each([24, 40, 60, 80, 120, Infinity])('shows every value at %s columns', (width) => {
  const text = linesAt(width).join('').replace(/\s+/g, '');
  for (const value of ROWS.flatMap(({ cells, below = [] }) => [...cells, ...below] as string[])) {
    const parts = [...value.replace(/\s+/g, '')];
    expect(parts.every((sign) => text.includes(sign))).toBe(true);
  }
  expect(text).toContain('knowledge:http-service');
});

it('keeps one line a row where there is room, and columns under their heads', () => {
  const [head, first] = linesAt(200);
  expect(head).toBe('group    metric                         fires    source');
  expect(first).toBe('Latency  http_request_duration_seconds  > 0.56s  knowledge:http-service');
});

it('moves the columns that may go below their row, with their names', () => {
  const lines = linesAt(50);
  expect(lines[0]).toMatch(/^group +metric +fires$/);
  expect(lines).toContain('  source: knowledge:http-service');
});

it('breaks words that are longer than a line, and loses nothing', () => {
  expect(wrapHard('ab cdefgh', 4)).toEqual(['ab', 'cdef', 'gh']);
  expect(wrapHard('内存内存', 4)).toEqual(['内存', '内存']);
  expect(wrapHard('', 4)).toEqual(['']);
});
