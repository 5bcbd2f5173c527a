import { expect, test } from 'vitest';
import { includeNear, robustRange, widenRange } from './range.ts';

const bulk = [0.5, 0.52, 0.55, 0.6, 0.61, 0.66, 0.7];

test('without outliers the range is the extent', () => {
  expect(robustRange({ samples: bulk })).toEqual([0.5, 0.7]);
});

test('no values have no range', () => {
  expect(robustRange({ samples: [] })).toBeUndefined();
});

test('outliers of any size on both sides stay outside', () => {
  expect(robustRange({ samples: [...bulk, 1e12, -1e12, 50] })).toEqual([0.5, 0.7]);
});

test('one outlier among four values stays outside', () => {
  expect(robustRange({ samples: [0.5, 0.6, 0.7, 1e12] })).toEqual([0.5, 0.7]);
});

test('a best curve is in the range from its first value on, however many samples crowd at its end', () => {
  const samples = [...Array.from({ length: 90 }, (_, index) => 2.5 + index / 10_000)];
  expect(robustRange({ samples, curve: [1, 1.4, 2, 2.509] })).toEqual([1, 2.509]);
});

test('a large jump of the best stays visible when it is no wilder than the scores are large', () => {
  const scores = [1, 1.001, 1.002, 2.5];
  expect(robustRange({ samples: scores, curve: scores })).toEqual([1, 2.5]);
});

test('a best that rises by powers of ten stays visible', () => {
  const scores = [0.001, 0.01, 0.1, 1, 10, 100];
  expect(robustRange({ samples: scores, curve: scores })![1]).toBe(100);
});

test('a huge initial loss stays outside, so that the recent part of the curve is visible', () => {
  const curve = [1e6, 0.9, 0.5, 0.4, 0.35];
  expect(robustRange({ samples: [0.6, 0.7, 0.9, 1.1], curve })).toEqual([0.35, 1.1]);
});

test('differences of billionths fill the range', () => {
  expect(robustRange({ samples: [0.95, 0.950000001, 0.950000002] })).toEqual([0.95, 0.950000002]);
});

test('equal ends move apart by a tenth of their size, or to one around zero', () => {
  expect(widenRange([5, 5])).toEqual([4.5, 5.5]);
  expect(widenRange([0, 0])).toEqual([-1, 1]);
});

test('a target widens the range unless it would flatten what is there', () => {
  expect(includeNear([1, 2], [2.636, 100, -40])).toEqual([1, 2.636]);
});
