import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from './parse-json.ts';

test('NaN, Infinity and -Infinity are read as those numbers', () => {
  expect(parseJson('{"a":NaN,"b":[Infinity,-Infinity,null,0],"c":{"d":NaN}}')).toEqual({
    a: Number.NaN,
    b: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null, 0],
    c: { d: Number.NaN },
  });
  expect(parseJson(' NaN ')).toBeNaN();
});

test('the words NaN and Infinity inside strings and keys are left alone', () => {
  expect(parseJson('{"NaN":"NaN Infinity \\" NaN","b\\\\":NaN,"c":"\\\\"}')).toEqual({
    NaN: 'NaN Infinity " NaN',
    'b\\': Number.NaN,
    c: '\\',
  });
});

test('what is not JSON even so is a SyntaxError', () => {
  for (const text of ['', '{', '{"a":NaNa}', 'nan', '"NaN', 'InfinityNaN', '{"a":1}{"a":NaN}', '"\\']) {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  }
});

test('a string of 10 MB beside a NaN is read', () => {
  const long = 'x\\"'.repeat(3_500_000);
  expect(parseJson(`{"code":"${long}","score":NaN}`)).toMatchObject({ score: Number.NaN });
});

test('any value survives Python’s spelling of its numbers', () => {
  const leaf = fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.double());
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value')), fc.dictionary(fc.string(), tie('value'))),
  }));
  fc.assert(
    fc.property(value, (given) => {
      expect(parseJson(asPython(given))).toEqual(given);
    }),
  );
});

function asPython(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0.0' : String(value);
  if (Array.isArray(value)) return `[${value.map(asPython).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${asPython(item)}`)}}`;
}
