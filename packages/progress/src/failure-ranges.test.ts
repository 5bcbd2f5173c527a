import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FailureRanges } from './failure-ranges.ts';

function rangesOf(iterations: number[]): [number, number, number][] {
  const failures = new FailureRanges();
  for (const iter of iterations) failures.add(iter);
  return failures.ranges().map(({ fromIter, toIter, count }) => [fromIter, toIter, count]);
}

test('neighbouring failures are one range, in whatever order they come', () => {
  expect(rangesOf([])).toEqual([]);
  expect(rangesOf([3, 4, 5, 9])).toEqual([
    [3, 5, 3],
    [9, 9, 1],
  ]);
  expect(rangesOf([5, 9, 3, 4])).toEqual([
    [3, 5, 3],
    [9, 9, 1],
  ]);
  expect(rangesOf([7, 5, 5, 1, 0])).toEqual([
    [0, 1, 2],
    [5, 5, 2],
    [7, 7, 1],
  ]);
});

test('beyond 1,000 ranges those that lie close together are merged, and a far one stays alone', () => {
  const close = Array.from({ length: 1000 }, (_, i) => 3 * i);
  expect(rangesOf(close)).toHaveLength(1000);
  const merged = rangesOf([...close, 1_000_000]);
  expect(merged).toHaveLength(501);
  expect([merged[0], merged[499], merged[500]]).toEqual([
    [0, 3, 2],
    [2994, 2997, 2],
    [1_000_000, 1_000_000, 1],
  ]);
});

test('failures scattered over a long run stay spread over it', () => {
  const ranges = rangesOf(Array.from({ length: 100_000 }, (_, i) => 7 * i));
  expect(ranges.length).toBeGreaterThan(250);
  expect(Math.max(...ranges.map(([fromIter, toIter]) => toIter - fromIter))).toBeLessThan(4096);
});

test('any failures end in at most 1,000 sorted, separate ranges that hold them all', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { maxLength: 4000, size: 'max' }), (iterations) => {
      const ranges = rangesOf(iterations);
      expect(ranges.length).toBeLessThanOrEqual(1000);
      expect(ranges.reduce((sum, [, , count]) => sum + count, 0)).toBe(iterations.length);
      const ends = ranges.flatMap((range) => range.slice(0, 2));
      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
      const failed = new Set(iterations);
      expect(ends.every((iter) => failed.has(iter))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('failures without a number end as well', () => {
  expect(rangesOf(new Array(1001).fill(Number.NaN))).toHaveLength(1001);
});
