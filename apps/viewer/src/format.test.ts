import { expect, test } from 'vitest';
import { columnFormat, formatCost, formatDuration, formatMoment, formatScore, formatShare } from './format.ts';
import { typedPath } from './typed-path.ts';

test.each([
  [0, '0 s'],
  [-3, '0 s'],
  [59.9, '59 s'],
  [245, '4 min 5 s'],
  [2460, '41 min'],
  [12_000, '3 h 20 min'],
  [187_200, '2 d 4 h'],
])('%d seconds are "%s"', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test('costs have two decimals, four where two would show nothing', () => {
  expect([0, 1.8, 0.0123, 12_345.678].map(formatCost)).toEqual(['$0.00', '$1.80', '$0.0123', '$12,345.68']);
});

test('shares have a decimal below ten percent', () => {
  expect([0, 0.032, 0.154, 1.54].map(formatShare)).toEqual(['0 %', '3.2 %', '15 %', '154 %']);
});

test('a negative score has a true minus', () => {
  expect(formatScore(-4.71859)).toBe('−4.7186');
});

test('a column gets as many decimals as its neighbours need to differ', () => {
  const format = columnFormat([2.5, 2.50004, null]);
  expect([format(2.5), format(2.50004), format(-0.00004), format(null)]).toEqual([
    '2.50000',
    '2.50004',
    '−0.00004',
    '–',
  ]);
});

test('no figure of a column but 0 is written as 0', () => {
  const format = columnFormat([0.5, 0.00012, 0]);
  expect([0.5, 0.00012, 0].map(format)).toEqual(['0.5000', '0.0001', '0.0000']);
  expect([1.5, 3e-12].map(columnFormat([1.5, 3e-12]))).toEqual(['1.500', '3e−12']);
});

test('a column whose neighbours need not differ keeps its few decimals', () => {
  const gains = [0.0458333, 0.0458334, 0.0004];
  expect(gains.map(columnFormat(gains, { distinct: false }))).toEqual(['0.0458', '0.0458', '0.0004']);
});

test('figures too large for fixed decimals are written one by one', () => {
  expect([1, 12_345_678.5].map(columnFormat([1, 12_345_678.5]))).toEqual(['1', '12,350,000']);
});

test('a moment that no calendar has is empty', () => {
  expect(formatMoment(1_795_380_000)).toBe('2026-11-22 20:40:00 UTC');
  expect(formatMoment(1e300)).toBe('');
});

test('a path is typed from where the person stands, and quoted where a shell needs it', () => {
  expect(typedPath('/home/ada/kai/runs/a/run_0', '/home/ada/kai')).toBe('runs/a/run_0');
  expect(typedPath('/data/runs', '/home/ada')).toBe('/data/runs');
  expect(typedPath("/home/ada/it's mine", '/home/ada')).toBe("'it'\\''s mine'");
});
