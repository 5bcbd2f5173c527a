import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDistinct, formatNumber, formatTicks } from './format-number.ts';
import { sparkline } from './sparkline.ts';
import { expectWellFormed } from './testing.ts';
import { type TrajectoryData, type TrajectoryOptions, trajectory } from './trajectory.ts';

const number = fc.oneof(
  fc.double(),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.integer({ min: 0, max: 1000 }),
  fc.constantFrom(
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -0,
    1e12,
    -1e12,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    Number.MIN_VALUE,
  ),
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"\'&',
    '\0\u0007\u001f',
    '\u202egnp.exe',
    '\ud800',
    '\udc00x',
    ']]>',
    '<!--',
    '￿',
    'a\nb',
  ),
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const point = fc.record({ x: number, y: number });
const data: fc.Arbitrary<TrajectoryData> = fc.record({
  improvements: fc.array(fc.record({ x: number, y: number, label: maybe(text), href: maybe(text) })),
  samples: fc.array(point),
  failures: maybe(fc.array(fc.record({ fromX: number, toX: number, count: number }))),
  lastX: maybe(number),
  references: maybe(fc.array(fc.record({ y: number, label: text }))),
});
const options: fc.Arbitrary<TrajectoryOptions> = fc.record({
  width: maybe(number),
  height: maybe(number),
  direction: maybe(fc.constantFrom('maximize', 'minimize')),
  title: maybe(text),
  description: maybe(text),
  xLabel: maybe(text),
  yLabel: maybe(text),
  xMax: maybe(number),
  idPrefix: maybe(text),
  standalone: fc.boolean(),
});

test('a trajectory of any numbers and texts is well-formed XML without a broken number', () => {
  fc.assert(
    fc.property(data, options, (d, o) => expectWellFormed(trajectory(d, o))),
    { numRuns: 150 },
  );
});

test('a trajectory draws the same string for the same input and does not change its input', () => {
  fc.assert(
    fc.property(data, options, (d, o) => {
      const copy = structuredClone(d);
      expect(trajectory(d, o)).toBe(trajectory(d, o));
      expect(d).toEqual(copy);
    }),
    { numRuns: 50 },
  );
});

test('points whose x hardly differ are drawn at one place', () => {
  expectWellFormed(
    trajectory({
      improvements: [],
      samples: [
        { x: -Number.MIN_VALUE, y: 0 },
        { x: Number.MIN_VALUE, y: 0 },
      ],
    }),
  );
});

test('every coordinate of a path has at most two decimals and none is a negative zero', () => {
  fc.assert(
    fc.property(data, options, (d, o) => {
      for (const [, path] of trajectory(d, o).matchAll(/ d="([^"]*)"/g))
        expect(path).not.toMatch(/\.\d{3}|-0(?![.\d])|e/);
    }),
    { numRuns: 100 },
  );
});

test('a sparkline of any numbers is well-formed XML without a broken number', () => {
  const domain = maybe(fc.tuple(number, number));
  const sparklineOptions = fc.record({
    ...{ width: maybe(number), height: maybe(number), xDomain: domain, yDomain: domain },
    ...{ title: maybe(text), step: fc.boolean(), idPrefix: maybe(text), standalone: fc.boolean() },
  });
  fc.assert(
    fc.property(fc.array(point), sparklineOptions, (points, o) => expectWellFormed(sparkline(points, o))),
    { numRuns: 100 },
  );
});

test('a formatted number reads back as nearly the same number', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), (value) => {
      const back = Number(formatNumber(value).replaceAll(',', ''));
      expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.abs(value) * 0.0005 + Number.MIN_VALUE);
    }),
  );
});

test('formatting any list of numbers gives one non-empty text each', () => {
  fc.assert(
    fc.property(fc.array(number), (values) => {
      for (const texts of [formatDistinct(values), formatTicks(values)]) {
        expect(texts).toHaveLength(values.length);
        for (const formatted of texts) expect(formatted).toMatch(/^(–|-?[\d,]+(\.\d+)?(e-?\d+)?)$/);
      }
    }),
  );
});
