import { expect, test } from 'vitest';
import { Improvements } from './improvements.ts';

const point = (iter: number, score: number) => ({ iter, score, programId: null, ts: 0 });

function improve(count: number): Improvements {
  const improvements = new Improvements('maximize');
  for (let iter = 0; iter < count; iter++) improvements.add(point(iter, iter));
  return improvements;
}

const iterations = (improvements: Improvements) => improvements.points().map(({ iter }) => iter);

test('only strictly better scores are improvements, in either direction', () => {
  const scores = [3, 3, 1, 4, 4, 0];
  for (const [direction, expected] of [
    ['maximize', [0, 3]],
    ['minimize', [0, 2, 5]],
  ] as const) {
    const improvements = new Improvements(direction);
    for (const [iter, score] of scores.entries()) improvements.add(point(iter, score));
    expect(iterations(improvements)).toEqual(expected);
  }
});

test('10,000 improvements are exact', () => {
  expect(iterations(improve(10_000))).toEqual(Array.from({ length: 10_000 }, (_, iter) => iter));
});

test('beyond that every 2nd, then 4th, is kept, and always the first and the last', () => {
  const halved = iterations(improve(10_002));
  expect(halved).toHaveLength(5002);
  expect([halved[1], halved.at(-2), halved.at(-1)]).toEqual([2, 10_000, 10_001]);
  const quartered = iterations(improve(20_003));
  expect([quartered[0], quartered[1], quartered.at(-2), quartered.at(-1)]).toEqual([0, 4, 20_000, 20_002]);
});

test('there are never more than 10,000, and the last is always there', () => {
  const improvements = new Improvements('maximize');
  for (let iter = 0; iter < 45_000; iter++) {
    improvements.add(point(iter, iter));
    if (iter % 997 !== 0 && Math.abs(iter - 20_000) > 3 && Math.abs(iter - 10_000) > 3 && Math.abs(iter - 40_000) > 3)
      continue;
    const points = improvements.points();
    expect(points.length).toBeLessThanOrEqual(10_000);
    expect([points[0]!.iter, points.at(-1)!.iter, improvements.best]).toEqual([0, iter, iter]);
  }
});
