import { expect, test } from 'vitest';
import { fitText, textWidth, wrapText } from './text-width.ts';

test('wide characters take two columns, combining ones and styles none', () => {
  expect(textWidth('abc')).toBe(3);
  expect(textWidth('半径')).toBe(4);
  expect(textWidth('e\u0301')).toBe(1);
  expect(textWidth('\x1b[31mred\x1b[39m')).toBe(3);
});

test('text that is too long ends in an ellipsis and fits', () => {
  expect(fitText('iteration', 9)).toBe('iteration');
  expect(fitText('iteration', 5)).toBe('iter…');
  expect(fitText('半径を変える', 6)).toBe('半径…');
  expect(fitText('x', 0)).toBe('');
});

test('text is wrapped between words, and inside a word that is longer than a line', () => {
  expect(wrapText('the model failed', 9)).toEqual(['the model', 'failed']);
  expect(wrapText('in /a/long/path it is', 6)).toEqual(['in', '/a/lon', 'g/path', 'it is']);
  expect(wrapText('半径を変える', 4)).toEqual(['半径', 'を変', 'える']);
  expect(wrapText('', 5)).toEqual([]);
});
