import { expect, test } from 'vitest';
import {
  formatAge,
  formatCost,
  formatDuration,
  formatGain,
  formatPercent,
  formatRate,
  formatRelativeGain,
  formatScore,
  plural,
} from './format.ts';

test('scores have up to seven digits and no trailing zeros', () => {
  expect(formatScore(2.6358628)).toBe('2.635863');
  expect(formatScore(10)).toBe('10');
  expect(formatScore(0.1 + 0.2)).toBe('0.3');
  expect(formatScore(-1e-12)).toBe('-1e-12');
  expect(formatScore(1.5e20)).toBe('1.5e+20');
  expect(formatScore(null)).toBe('–');
});

test('gains carry their sign', () => {
  expect(formatGain(1, 1.0213)).toBe('+0.0213');
  expect(formatGain(3, 1)).toBe('−2');
  expect(formatGain(2, 2)).toBe('±0');
});

test('a gain relative to zero or below is not said', () => {
  expect(formatRelativeGain(1, 1.926)).toBe('+92.6 %');
  expect(formatRelativeGain(0.001, 100)).toBe('+9,999,900 %');
  expect(formatRelativeGain(0, 1)).toBeNull();
  expect(formatRelativeGain(-1, 1)).toBeNull();
});

test('what is not quite 100 % never reads 100 %', () => {
  expect(formatPercent(0.963)).toBe('96.3 %');
  expect(formatPercent(0.99999)).toBe('99.9 %');
  expect(formatPercent(1)).toBe('100.0 %');
});

test('durations and ages read in the unit that fits', () => {
  expect(formatDuration(32.4)).toBe('32 s');
  expect(formatDuration(725)).toBe('12:05');
  expect(formatDuration(11_525)).toBe('3:12:05');
  expect(formatDuration(183_600)).toBe('2 d 3 h');
  expect(formatAge(12.9)).toBe('12 s');
  expect(formatAge(600)).toBe('10 min');
  expect(formatAge(-3)).toBe('0 s');
});

test('rates read per second, minute or hour', () => {
  expect(formatRate(1234)).toBe('1,234/s');
  expect(formatRate(23.84)).toBe('23.8/s');
  expect(formatRate(0.07)).toBe('4.20/min');
  expect(formatRate(0.0004)).toBe('1.44/h');
  expect(formatRate(null)).toBe('–');
});

test('costs below ten cents keep two digits that count', () => {
  expect(formatCost(0.00423)).toBe('$0.0042');
  expect(formatCost(0.5)).toBe('$0.50');
  expect(formatCost(12.3)).toBe('$12.30');
  expect(formatCost(0)).toBe('$0.00');
});

test('one is singular', () => {
  expect(plural(1, 'iteration')).toBe('1 iteration');
  expect(plural(1000, 'iteration')).toBe('1,000 iterations');
});
