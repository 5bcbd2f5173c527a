import { expect, test } from 'vitest';
import { firstReason, stopAfter, stopAfterModelFailures, stopAtScore } from './stop.ts';

const progress = { completed: 10, best: 1.5, modelFailuresInARow: 0 };

test('a run ends when its iterations are done', () => {
  expect(stopAfter(11)(progress)).toBeNull();
  expect(stopAfter(10)(progress)).toBe('max_iterations');
});

test('a target counts as reached by an equal score, in either direction, and never by no score', () => {
  expect(stopAtScore(1.5, 'maximize')(progress)).toBe('target_score');
  expect(stopAtScore(1.6, 'maximize')(progress)).toBeNull();
  expect(stopAtScore(1.6, 'minimize')(progress)).toBe('target_score');
  expect(stopAtScore(1.4, 'minimize')(progress)).toBeNull();
  expect(stopAtScore(0, 'maximize')({ ...progress, best: null })).toBeNull();
});

test('a model that keeps failing ends the run', () => {
  const rule = stopAfterModelFailures(3);
  expect(rule({ ...progress, modelFailuresInARow: 2 })).toBeNull();
  expect(rule({ ...progress, modelFailuresInARow: 3 })).toBe('model_failures');
});

test('the first rule that holds gives the reason', () => {
  expect(firstReason([stopAfter(11), stopAtScore(1, 'maximize'), stopAfter(1)], progress)).toBe('target_score');
  expect(firstReason([], progress)).toBeNull();
});
