import { expect, test } from 'vitest';
import { plainText } from './plain-text.ts';

test('colours, cursor movements and titles are taken out of text from a run', () => {
  expect(plainText('a\x1b[31mred\x1b[0m b\x1b[2J\x1b]0;title\x07c')).toBe('ared bc');
  expect(plainText('8-bit \x9b31mred')).toBe('8-bit red');
});

test('an escape sequence that never ends hides nothing of the terminal', () => {
  expect(plainText('x\x1b]8;;http://evil')).toBe('x');
  expect(plainText('x\x1b[')).toBe('x');
});

test('line breaks become a mark, so that one text stays one line', () => {
  expect(plainText('first\r\n  second\u2028third')).toBe('first ⏎ second ⏎ third');
});

test('marks that reorder or hide text are taken out', () => {
  expect(plainText('safe\u202etxt.exe\u2066\u200b')).toBe('safetxt.exe');
  expect(plainText('bell\x07 null\0 backspace\b')).toBe('bell null backspace');
});

test('ordinary text in any language stays as it is', () => {
  expect(plainText('größe → 半径 👍')).toBe('größe → 半径 👍');
});
