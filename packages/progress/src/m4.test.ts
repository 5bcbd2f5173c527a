import fc from 'fast-check';
import { expect, test } from 'vitest';
import { M4 } from './m4.ts';

const point = (iter: number, score: number) => ({ iter, score, programId: null, ts: 0 });

function reduce(scores: number[], maxSamples: number): number[] {
  const m4 = new M4(maxSamples);
  for (const [iter, score] of scores.entries()) m4.add(point(iter, score));
  return m4.points().map(({ iter }) => iter);
}

test('up to maxSamples points all are kept', () => {
  expect(reduce([], 8)).toEqual([]);
  expect(reduce([5, 5, 5, 5, 5, 5, 5, 5], 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('then the first, lowest, highest and last of each bucket are kept, and the buckets double', () => {
  // 9 points, 2 buckets: width 8, so 0..7 and 8.
  expect(reduce([3, 4, 9, 4, 4, 1, 4, 4, 4], 8)).toEqual([0, 2, 5, 7, 8]);
  // 17 points: width 16.
  expect(reduce([3, 4, 9, 4, 4, 1, 4, 4, 4, 4, 4, 4, 10, 4, 4, 4, 4], 8)).toEqual([0, 5, 12, 15, 16]);
});

test('of equal scores the earliest is the extreme', () => {
  expect(reduce([5, 9, 9, 1, 1, 5], 4)).toEqual([0, 1, 3, 5]);
});

test.each([0, 3, 4.5, Number.NaN])('maxSamples %d is refused', (maxSamples) => {
  expect(() => new M4(maxSamples)).toThrow(expect.objectContaining({ code: 'bad-option' }));
});

test('any series keeps its order, its ends and its extremes within maxSamples points', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 4, max: 40 }),
      (scores, maxSamples) => {
        const kept = reduce(scores, maxSamples);
        expect(kept.length).toBeLessThanOrEqual(maxSamples);
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        expect([kept[0], kept.at(-1)]).toEqual([0, scores.length - 1]);
        expect(kept).toContain(scores.indexOf(Math.max(...scores)));
        expect(kept).toContain(scores.indexOf(Math.min(...scores)));
      },
    ),
  );
});

test('a spike is never lost, wherever it is', () => {
  for (let at = 0; at < 500; at++) {
    const scores = new Array(500).fill(1);
    scores[at] = -7;
    expect(reduce(scores, 20)).toContain(at);
  }
});
