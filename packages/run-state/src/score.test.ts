import { expect, test } from 'vitest';
import { scoreOf } from './score.ts';

test('combined_score is the score, whatever else was measured', () => {
  expect(scoreOf({ combined_score: 0.5, accuracy: 0.9 })).toBe(0.5);
  expect(scoreOf({ combined_score: 0, accuracy: 0.9 })).toBe(0);
});

test('a combined_score that is not a finite number is no score', () => {
  expect(scoreOf({ combined_score: Number.NaN, accuracy: 1 })).toBeNull();
  expect(scoreOf({ combined_score: Number.POSITIVE_INFINITY })).toBeNull();
  expect(scoreOf({ combined_score: 'high' })).toBeNull();
  expect(scoreOf({ combined_score: null })).toBeNull();
});

test('without combined_score the score is the mean of the finite metrics', () => {
  expect(scoreOf({ accuracy: 1, speed: 2, memory: Number.NaN, note: 'fast', valid: true })).toBe(1.5);
});

test('feature dimensions, error, timeout and stage passes are not in the mean', () => {
  const metrics = { accuracy: 1, size: 900, error: 0, timeout: 1, stage1_passed: 1, stage12_passed: 0 };
  expect(scoreOf(metrics, { featureDimensions: ['size'] })).toBe(1);
});

test('nothing that can be averaged is no score, never 0', () => {
  expect(scoreOf({})).toBeNull();
  expect(scoreOf({ error: 0, timeout: true })).toBeNull();
  expect(scoreOf({ size: 3 }, { featureDimensions: ['size'] })).toBeNull();
});

test('an error in words is no score, even beside a combined_score', () => {
  expect(scoreOf({ error: 'it crashed', combined_score: 3 })).toBeNull();
});

test('a mean that overflows is no score', () => {
  expect(scoreOf({ a: Number.MAX_VALUE, b: Number.MAX_VALUE })).toBeNull();
});
