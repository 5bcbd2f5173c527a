import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ProgressRecord, progressTrajectory, TrajectoryBuilder } from './index.ts';

const record = (iter: number, score: number | null): ProgressRecord => ({
  iter,
  score,
  best: null,
  programId: `p${iter}`,
  model: null,
  ts: iter,
});
const point = (iter: number, score: number) => ({ iter, score, programId: `p${iter}`, ts: iter });

test('a trajectory holds iteration, counts, best, improvements, samples and failures', () => {
  const records = [
    record(0, 1),
    record(2, null),
    record(1, 0.5),
    record(3, null),
    record(4, 2),
    record(4, Number.NaN),
    record(4, 3),
  ];
  expect(progressTrajectory(records)).toEqual({
    iteration: 4,
    count: 7,
    failed: 3,
    best: 3,
    improvements: [point(0, 1), point(4, 2), point(4, 3)],
    samples: [point(0, 1), point(1, 0.5), point(4, 2), point(4, 3)],
    failures: [{ fromIter: 2, toIter: 4, count: 3 }],
  });
});

test('minimize flips what is better', () => {
  const { best, improvements } = progressTrajectory([record(0, 1), record(1, -2), record(2, 5), record(3, null)], {
    direction: 'minimize',
  });
  expect([best, improvements]).toEqual([-2, [point(0, 1), point(1, -2)]]);
});

test('a run without records, and one where all failed, have no best', () => {
  expect(progressTrajectory([])).toEqual({
    iteration: 0,
    count: 0,
    failed: 0,
    best: null,
    improvements: [],
    samples: [],
    failures: [],
  });
  expect(progressTrajectory([record(0, null), record(1, Number.POSITIVE_INFINITY)])).toMatchObject({
    failed: 2,
    best: null,
    samples: [],
  });
});

test('a score of 0 is better than none and than negative ones', () => {
  expect(progressTrajectory([record(0, null), record(1, -1), record(2, 0)]).improvements).toEqual([
    point(1, -1),
    point(2, 0),
  ]);
});

test('a trajectory does not change when more is added', () => {
  const builder = new TrajectoryBuilder({ maxSamples: 4 });
  for (let iter = 0; iter < 9; iter++) builder.add(record(iter, iter % 2 ? iter : null));
  const before = builder.trajectory();
  const copy = structuredClone(before);
  for (let iter = 9; iter < 99; iter++) builder.add(record(iter, iter % 2 ? iter : null));
  expect(before).toEqual(copy);
});

test('the result does not depend on how the records were chunked or looked at in between', () => {
  const records = fc.array(fc.tuple(fc.nat(500), fc.option(fc.integer({ min: -9, max: 9 }))), { maxLength: 400 });
  fc.assert(
    fc.property(
      records,
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 4, max: 60 }),
      fc.constantFrom('maximize' as const, 'minimize' as const),
      (pairs, chunk, maxSamples, direction) => {
        const given = pairs.map(([iter, score]) => record(iter, score));
        const builder = new TrajectoryBuilder({ maxSamples, direction });
        given.forEach((one, index) => {
          builder.add(one);
          if (index % chunk === 0) builder.trajectory();
        });
        expect(builder.trajectory()).toEqual(progressTrajectory(given, { maxSamples, direction }));
      },
    ),
  );
});

test('a builder that saw 1,000,000 records holds no more memory than one that saw 10,000, within 2 MB', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const builder = new TrajectoryBuilder();
  const add = (from: number, to: number) => {
    for (let iter = from; iter < to; iter++) builder.add(record(iter, iter % 3 === 0 ? null : (iter * 7919) % 10_007));
  };
  add(0, 10_000);
  const before = heap();
  add(10_000, 1_000_000);
  expect(heap() - before).toBeLessThan(2_000_000);
  const { count, samples, failures } = builder.trajectory();
  expect([count, samples.length > 900, samples.length <= 2000, failures.length <= 1000]).toEqual([
    1_000_000,
    true,
    true,
    true,
  ]);
});

test('records whose iter is not a safe integer are ignored, however many they are', () => {
  const bad = [Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 53, undefined as unknown as number];
  const records = Array.from({ length: 5000 }, (_, i) => ({
    iter: bad[i % bad.length]!,
    score: i % 2 === 0 ? null : i,
    best: null,
    programId: null,
    model: null,
    ts: 0,
  }));
  expect(progressTrajectory(records)).toEqual(progressTrajectory([]));
});
