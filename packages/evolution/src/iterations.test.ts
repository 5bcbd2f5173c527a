import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Iterations } from './iterations.ts';

test('numbers are given out in order and only once', () => {
  const iterations = new Iterations();
  expect([iterations.start(), iterations.start(), iterations.start()]).toEqual([0, 1, 2]);
});

test('after a crash the iterations that were in flight are given out again before new ones', () => {
  const iterations = new Iterations({ upTo: 3, beyond: [5, 7] });
  expect([iterations.start(), iterations.start(), iterations.start()]).toEqual([4, 6, 8]);
  expect(iterations.count).toBe(6);
});

test('what is done survives being written down, whatever the order of completion', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8]), (order) => {
      const iterations = new Iterations();
      for (const iteration of order) iterations.complete(iteration);
      const again = new Iterations(iterations.done);
      expect(again.count).toBe(order.length);
      expect([0, 1, 2, 3, 4, 5, 6, 7, 8].filter((iteration) => again.has(iteration))).toEqual([...order].sort());
    }),
  );
});
