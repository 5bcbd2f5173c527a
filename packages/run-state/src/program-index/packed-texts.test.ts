import { expect, test } from 'vitest';
import { PackedTexts } from './packed-texts.ts';

test('a text has one number, from 0 in the order of adding', () => {
  const texts = new PackedTexts();
  expect(['a', 'b', 'a', '', 'ü~1'].map((text) => texts.add(text))).toEqual([0, 1, 0, 2, 3]);
  expect([texts.size, texts.find('b'), texts.find('c'), texts.at(3), texts.at(2)]).toEqual([4, 1, -1, 'ü~1', '']);
});

test('100,000 ids are found again and take about 16 bytes beside their own', () => {
  const texts = new PackedTexts();
  const id = (nth: number) => `0b7c4f7e-51d3-4d8e-9a55-${String(nth).padStart(12, '0')}`;
  for (let nth = 0; nth < 100_000; nth++) texts.add(id(nth));
  for (let nth = 0; nth < 100_000; nth += 997) expect([texts.find(id(nth)), texts.at(nth)]).toEqual([nth, id(nth)]);
  expect(texts.find(id(100_000))).toBe(-1);
  // Arrays double, so up to half of the bytes may wait for more texts.
  expect(texts.byteLength / 100_000).toBeLessThan(36 * 2 + 16);
});
