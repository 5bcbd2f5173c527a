import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineEncoder } from './line-encoder.ts';
import { encodeProgressLine, type ProgressRecord } from './record.ts';

const record: ProgressRecord = { iter: 7, score: 0.25, best: 0.5, programId: 'a', model: 'm', ts: 1795380000.123 };

test('any list of records gives the lines that encodeProgressLine gives', () => {
  const number = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, 1, 0.1, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, Number.NaN, Number.POSITIVE_INFINITY),
    fc.integer(),
  );
  const text = fc.option(fc.oneof(fc.constantFrom('gpt-5-mini', 'ü', '"', '\\', '\n', '\u007f'), fc.string()));
  const time = fc.oneof(
    number,
    fc.integer({ min: 0, max: 1e14 }).map((ms) => ms / 1000),
    fc.integer({ min: 1_795_380_000_000, max: 1_795_380_003_000 }).map((ms) => ms / 1000),
    fc.integer({ min: -5000, max: 5000 }).map((ms) => ms / 1000),
  );
  const records = fc.record<ProgressRecord>({
    iter: fc.oneof(fc.nat(3000), fc.nat(), fc.maxSafeNat(), fc.constant(-0)),
    score: fc.option(number),
    best: fc.option(number),
    programId: text,
    model: text,
    ts: time,
  });
  fc.assert(
    fc.property(fc.array(records), (list) => {
      const encoder = new LineEncoder();
      for (const one of list) {
        const line = encoder.encodeAscii(one);
        if (line !== null) expect(line).toBe(encodeProgressLine(one));
      }
    }),
    { numRuns: 1000 },
  );
});

test('each millisecond of a second is written as JSON.stringify writes it', () => {
  const encoder = new LineEncoder();
  const times = Array.from({ length: 1001 }, (_, ms) => (1_795_380_000_000 + ms) / 1000);
  expect(times.map((ts) => encoder.encodeAscii({ ...record, ts }))).toEqual(
    times.map((ts) => encodeProgressLine({ ...record, ts })),
  );
});

test('iterations are written as JSON.stringify writes them', () => {
  const encoder = new LineEncoder();
  const iterations = [0, 1, 999, 1000, 1001, 1999, 2000, 10, 1000, 999_999, 1_000_000, Number.MAX_SAFE_INTEGER];
  expect(iterations.map((iter) => encoder.encodeAscii({ ...record, iter }))).toEqual(
    iterations.map((iter) => encodeProgressLine({ ...record, iter })),
  );
});

test('what is not plain is left to encodeProgressLine, and the next plain record is written', () => {
  const encoder = new LineEncoder();
  const odd = [
    { ...record, programId: 'ü' },
    { ...record, model: 'a"b' },
    { ...record, extra: { island: 1 } },
    { ...record, iter: 1.5 },
    { ...record, iter: -1 },
    { ...record, score: '1' },
    { ...record, best: undefined },
    { ...record, model: undefined },
    { ...record, programId: 3 },
    { ...record, ts: undefined },
  ] as ProgressRecord[];
  for (const one of odd) {
    expect(encoder.encodeAscii(one)).toBe(null);
    expect(encoder.encodeAscii(record)).toBe(encodeProgressLine(record));
  }
});
