import { expect, test } from 'vitest';
import { LabelSpace } from './labels.ts';

const area = { left: 0, right: 200, top: 0, bottom: 100 };
const at = (x: number, y = 50) => ({ text: '0.123', x, y, anchor: 'start' as const });

test('a label takes the first place that is free', () => {
  const space = new LabelSpace(area);
  expect(space.place([at(10)])).toBe(true);
  expect(space.place([at(20), at(100)])).toBe(true);
  expect(space.placed.map((label) => label.x)).toEqual([10, 100]);
});

test('a label without a free place is left out', () => {
  const space = new LabelSpace(area);
  space.reserve({ left: 50, right: 60, top: 0, bottom: 100 });
  expect(space.place([at(30)])).toBe(false);
  expect(space.placed).toEqual([]);
});

test('a label never leaves the area', () => {
  const space = new LabelSpace(area);
  expect(space.place([at(190)])).toBe(false);
  expect(space.place([at(10, 5)])).toBe(false);
});
