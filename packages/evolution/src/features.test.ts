import { expect, test } from 'vitest';
import { diversityOf, signatureDistance, signatureOf } from './features.ts';

const code = 'function area(r) { return Math.PI * r * r; } function side(r) { return 2 * r; }';

test('a program is at no distance from itself, whatever its layout', () => {
  expect(signatureDistance(signatureOf(code), signatureOf(code.replaceAll(' ', '\n  ')))).toBe(0);
});

test('a small change is nearer than another program', () => {
  const small = signatureDistance(signatureOf(code), signatureOf(code.replace('2 *', '3 *')));
  const other = signatureDistance(signatureOf(code), signatureOf('for (const x of list) if (x > 0) total += x;'));
  expect(small).toBeGreaterThan(0);
  expect(small).toBeLessThan(0.5);
  expect(other).toBeGreaterThan(0.9);
});

test('diversity is the mean distance to the reference programs, and 0 without any', () => {
  const signature = signatureOf(code);
  expect(diversityOf(signature, [])).toBe(0);
  expect(diversityOf(signature, [signature, signatureOf('a b c d')])).toBeCloseTo(0.5, 1);
});

test('programs of fewer than three tokens have a signature too', () => {
  expect(signatureDistance(signatureOf(''), signatureOf(''))).toBe(0);
  expect(signatureDistance(signatureOf('a'), signatureOf('b'))).toBe(1);
});
