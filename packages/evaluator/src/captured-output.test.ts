import { expect, test } from 'vitest';
import { CapturedOutput } from './captured-output.ts';

function capture(maxBytes: number, chunks: string[]): string {
  const output = new CapturedOutput(maxBytes);
  for (const chunk of chunks) output.add(Buffer.from(chunk));
  return output.text();
}

test('output up to the limit is kept as it came', () => {
  expect(capture(10, ['01234', '56', '789'])).toBe('0123456789');
  expect(capture(10, [])).toBe('');
});

test('beyond the limit the beginning and the end are kept and the gap is told', () => {
  const expected = '01234\n[… truncated: 3 bytes left out here …]\n89abc';

  expect(capture(10, ['0123456789abc'])).toBe(expected);
  expect(capture(10, ['0', '123456', '789', 'a', 'bc'])).toBe(expected);
});

test('a limit of 0 keeps nothing but the count', () => {
  expect(capture(0, ['abc', 'd'])).toBe('\n[… truncated: 4 bytes left out here …]\n');
});

test('reset forgets what came before', () => {
  const output = new CapturedOutput(4);
  output.add(Buffer.from('0123456789'));
  output.reset();
  output.add(Buffer.from('ab'));

  expect(output.text()).toBe('ab');
});
