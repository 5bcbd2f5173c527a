import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const keys = ['max_iterations', 'checkpoint_interval', 'random_seed', 'timeout'];

test('a misspelt key finds the key that was meant', () => {
  expect(nearest('max_iteration', keys)).toBe('max_iterations');
  expect(nearest('rnadom_seed', keys)).toBe('random_seed');
  expect(nearest('Timeout', keys)).toBe('timeout');
});

test('a key that resembles none finds none', () => {
  expect(nearest('colour', keys)).toBeNull();
  expect(nearest('x', [])).toBeNull();
});
