import { expect, test } from 'vitest';
import { pick, programIdFor, randomFrom, seedFor } from './random.ts';

test('an iteration draws the same numbers at every repetition, and others for another purpose', () => {
  const draw = (purpose: string) => {
    const random = randomFrom(seedFor(42, 7, purpose));
    return [random(), random(), random()];
  };
  expect(draw('sample')).toEqual(draw('sample'));
  expect(draw('sample')).not.toEqual(draw('propose'));
});

test('a program id is a function of seed and iteration', () => {
  expect(programIdFor(42, 7)).toBe(programIdFor(42, 7));
  expect(programIdFor(42, 7)).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set([programIdFor(42, 7), programIdFor(42, 8), programIdFor(43, 7)]).size).toBe(3);
});

test('numbers are spread evenly over [0, 1)', () => {
  const random = randomFrom(seedFor(1, 1, 'test'));
  const tenths = new Array(10).fill(0);
  for (let i = 0; i < 10_000; i++) tenths[Math.floor(random() * 10)]++;
  // 10,000 draws, 1,000 expected per tenth, standard deviation 30: six of them is beyond chance.
  expect(Math.min(...tenths)).toBeGreaterThan(820);
  expect(Math.max(...tenths)).toBeLessThan(1180);
});

test('picking from an empty list gives undefined', () => {
  expect(pick([], () => 0.5)).toBeUndefined();
  expect(pick(['a', 'b'], () => 0.999)).toBe('b');
});
