import { expect, test } from 'vitest';
import { formatDistinct, formatNumber, formatTicks } from './format-number.ts';

test('a number gets four significant digits and no trailing zeros', () => {
  expect([2.54123, 0.93, 1, 0.000123456, -0.5, 12.3456].map((value) => formatNumber(value))).toEqual([
    '2.541',
    '0.93',
    '1',
    '0.0001235',
    '-0.5',
    '12.35',
  ]);
});

test('large integers are grouped, very large and very small numbers get an exponent', () => {
  expect([1000, 10_000, 1_234_567, 1e12, -1.5e-9].map((value) => formatNumber(value))).toEqual([
    '1000',
    '10,000',
    '1,234,567',
    '1e12',
    '-1.5e-9',
  ]);
});

test('zero has no sign, and what is not a number is a dash', () => {
  expect([-0, Number.NaN, Number.NEGATIVE_INFINITY].map((value) => formatNumber(value))).toEqual(['0', '–', '–']);
});

test('neighbours get the digits that tell them apart', () => {
  expect(formatDistinct([2.54101, 2.54102])).toEqual(['2.54101', '2.54102']);
  expect(formatDistinct([1, 2.5])).toEqual(['1', '2.5']);
});

test('ticks share their number of decimals', () => {
  expect(formatTicks([0, 0.5, 1])).toEqual(['0.0', '0.5', '1.0']);
  expect(formatTicks([-0.2, -0, 0.2])).toEqual(['-0.2', '0.0', '0.2']);
  expect(formatTicks([0, 5000, 10_000])).toEqual(['0', '5,000', '10,000']);
  expect(formatTicks([0, 5e11, 1e12])).toEqual(['0', '5e11', '1e12']);
  expect(formatTicks([0.95, 0.950000001])).toEqual(['0.950000000', '0.950000001']);
});
