import { expect, test } from 'vitest';
import { isLabel, labelFor } from './label.ts';

test('a label is 1 to 64 of A-Za-z0-9._- with a letter or digit first', () => {
  expect(['a', 'circle-packing', '7.b_C', 'x'.repeat(64)].map(isLabel)).toEqual([true, true, true, true]);
  expect(['', '.a', '-a', 'a b', 'a/b', '..', 'é', 'x'.repeat(65)].some(isLabel)).toBe(false);
});

test('a label does not end in .json, since that is the twin of its page', () => {
  expect(isLabel('runs.json')).toBe(false);
  expect(isLabel('runs.json.old')).toBe(true);
});

test('labelFor leaves a name that fits as it is', () => {
  expect(labelFor('circle-packing-')).toBe('circle-packing-');
});

test('labelFor makes any name fit', () => {
  expect(labelFor('My Täsk!')).toBe('My-Task');
  expect(labelFor('.hidden')).toBe('hidden');
  expect(labelFor('data.json')).toBe('data');
  expect(labelFor(`${'x'.repeat(59)}.json`)).toBe('x'.repeat(59));
  expect(labelFor('a'.repeat(100))).toBe('a'.repeat(64));
  expect(labelFor('日本')).toBe('run');
  expect(labelFor('')).toBe('run');
});
