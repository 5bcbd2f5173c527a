import { expect, test } from 'vitest';
import { bar, plainProgressLine, progressLine } from './progress-line.ts';
import { textWidth } from './text-width.ts';

const progress = { completed: 412, maxIterations: 1000, perSecond: 18.2, secondsLeft: 32, best: 1.934 };

test('the progress line has a bar, the count, the rate, the time left and the best', () => {
  expect(progressLine(progress, { width: 80 })).toBe(
    '████████████▍·················  412/1,000  18.2/s  32 s left  best 1.934',
  );
});

test('in a narrow terminal the bar shrinks, then goes, and the rest is cut', () => {
  expect(progressLine(progress, { width: 55 })).toBe('█████·······  412/1,000  18.2/s  32 s left  best 1.934');
  expect(progressLine(progress, { width: 30 })).toBe('412/1,000  18.2/s  32 s left…');
  expect(textWidth(progressLine(progress, { width: 55 }))).toBeLessThan(55);
});

test('what is not known yet is left out', () => {
  const start = { completed: 0, maxIterations: 10, perSecond: null, secondsLeft: null, best: null };
  expect(plainProgressLine(start)).toBe('0/10 (0 %)  –  best –');
});

test('without a terminal the share takes the place of the bar', () => {
  expect(plainProgressLine(progress)).toBe('412/1,000 (41 %)  18.2/s  32 s left  best 1.934');
});

test('a bar is as wide as asked for, empty and full', () => {
  expect(bar(0, 4)).toBe('····');
  expect(bar(0.5, 4)).toBe('██··');
  expect(bar(1.5, 4)).toBe('████');
});
