import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeProgressLine } from './decode.ts';
import { encodeProgressLine, type ProgressRecord } from './record.ts';

const record: ProgressRecord = {
  iter: 12,
  score: 0.83,
  best: 0.91,
  programId: 'a',
  model: 'gpt-5-mini',
  ts: 1795380000.123,
};

test('a record is written as the documented line', () => {
  expect(encodeProgressLine(record)).toBe(
    '{"iter":12,"score":0.83,"best":0.91,"program_id":"a","model":"gpt-5-mini","ts":1795380000.123}',
  );
});

test('a line needs only iter and score; best is derived from the record before', () => {
  const least = { iter: 3, score: 2, programId: null, model: null, ts: 0 };
  expect(decodeProgressLine('{"iter":3,"score":2}')).toEqual({ ...least, best: 2 });
  expect(decodeProgressLine('{"iter":3,"score":2}', { previousBest: 5 })).toEqual({ ...least, best: 5 });
  expect(decodeProgressLine('{"iter":3,"score":2}', { previousBest: 5, direction: 'minimize' })).toEqual({
    ...least,
    best: 2,
  });
  expect(decodeProgressLine('{"iter":3,"score":null}', { previousBest: 5 })).toEqual({
    ...least,
    score: null,
    best: 5,
  });
});

test('unknown fields are kept, and cannot pass for known ones when written again', () => {
  const read = decodeProgressLine('{"iter":3,"score":2,"island":1,"metrics":{"a":NaN}}');
  expect(read.extra).toEqual({ island: 1, metrics: { a: Number.NaN } });
  expect(encodeProgressLine({ ...read, extra: { ...read.extra, score: 99 } })).toBe(
    '{"iter":3,"score":2,"best":2,"program_id":null,"model":null,"ts":0,"island":1,"metrics":{"a":null}}',
  );
});

test('a field named __proto__ is not kept', () => {
  expect(decodeProgressLine('{"iter":3,"score":2,"__proto__":{"best":9},"island":1}').extra).toEqual({ island: 1 });
});

test('a score that is not finite counts as null', () => {
  expect(decodeProgressLine('{"iter":3,"score":NaN,"best":Infinity,"ts":NaN}')).toMatchObject({
    score: null,
    best: null,
    ts: 0,
  });
  expect(encodeProgressLine({ ...record, score: Number.NaN })).toContain('"score":null');
});

test('a known field of the wrong type is unknown, a numeric id is text', () => {
  expect(decodeProgressLine('{"iter":3,"score":2,"best":"x","program_id":17,"model":{},"ts":"now"}')).toEqual({
    iter: 3,
    score: 2,
    best: 2,
    programId: '17',
    model: null,
    ts: 0,
  });
});

test.each([
  ['{"iter":1', /^not valid JSON \(.+\)$/],
  ['[1]', /^not a progress record \(.+\)$/],
  ['{"score":1}', /^not a progress record \(iter: .+\)$/],
  ['{"iter":1}', /^not a progress record \(score: .+\)$/],
  ['{"iter":-1,"score":1}', /^not a progress record \(iter: .+\)$/],
  ['{"iter":1.5,"score":1}', /^not a progress record \(iter: .+\)$/],
  ['{"iter":1,"score":"1"}', /^not a progress record \(score: .+\)$/],
])('the line %s is refused with its reason', (line, reason) => {
  expect(() => decodeProgressLine(line)).toThrow(
    expect.objectContaining({ code: 'bad-line', message: expect.stringMatching(reason) }),
  );
});

test('an iteration that is not a whole number cannot be written', () => {
  expect(() => encodeProgressLine({ ...record, iter: Number.NaN })).toThrow(
    /iter must be a whole number from 0, found NaN/,
  );
});

test.each([
  ['score', { score: undefined }, 'score must be a number or null, found undefined'],
  ['score', { score: '0.5' }, 'found string 0.5'],
  ['score', { score: true }, 'found boolean true'],
  ['extra', { extra: { toJSON: () => 1 } }, 'extra has a toJSON method'],
])('a %s that would make the line unreadable cannot be written (%#)', (_, fields, reason) => {
  expect(() => encodeProgressLine({ ...record, ...fields } as ProgressRecord)).toThrow(
    expect.objectContaining({ code: 'bad-value', message: expect.stringContaining(reason) }),
  );
});

test('any record survives writing and reading', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0 || 0);
  // Any of the 65,536, line ends and halves of surrogate pairs included.
  const codeUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));
  const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)));
  const known = ['iter', 'score', 'best', 'program_id', 'model', 'ts', '__proto__'];
  const records = fc.record<ProgressRecord>(
    {
      iter: fc.maxSafeNat(),
      score: fc.option(number),
      best: number,
      programId: fc.option(fc.string({ unit: codeUnit })),
      model: fc.option(fc.string()),
      ts: number,
      extra: fc.dictionary(
        fc.string().filter((key) => !known.includes(key)),
        json,
        { minKeys: 1, maxKeys: 4 },
      ),
    },
    { requiredKeys: ['iter', 'score', 'best', 'programId', 'model', 'ts'] },
  );
  fc.assert(
    fc.property(records, (given) => {
      const line = encodeProgressLine(given);
      expect(line).not.toContain('\n');
      expect(decodeProgressLine(line)).toEqual(given);
    }),
  );
});

test('a line of just the known fields is read as the same line with a field more', () => {
  const anything = fc.oneof(
    fc.constantFrom(null, -1, 0, -0, 3, 1.5, 2 ** 53, 1e308, '', 'a', '3', true, false),
    fc.double(),
    fc.string(),
    fc.constantFrom([], {}),
  );
  const likely = fc.record({
    iter: fc.oneof(fc.nat(), anything),
    score: fc.oneof(fc.double(), anything),
    best: fc.oneof(fc.double(), anything),
    program_id: fc.oneof(fc.string(), anything),
    model: fc.oneof(fc.string(), anything),
    ts: fc.oneof(fc.double(), anything),
  });
  const outcome = (line: object) => {
    try {
      const { extra: _, ...read } = decodeProgressLine(JSON.stringify(line), { previousBest: 1 });
      return read;
    } catch (error) {
      return (error as Error).message;
    }
  };
  fc.assert(
    fc.property(likely, (line) => {
      expect(outcome(line)).toEqual(outcome({ ...line, note: 'x' }));
    }),
    { numRuns: 2000 },
  );
});
