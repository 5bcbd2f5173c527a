import { expect, test } from 'vitest';
import { parseProgramRecord } from '../programs.ts';
import { indexedProgramOf } from './journal-source.ts';

const values: [string, unknown][] = [
  [
    'kai itself',
    { iter: 3, id: 'a', parent_id: 'b', island: 2, generation: 4, model: 'm', score: 0.5, cost_usd: 1, ts: 9 },
  ],
  ['one that tells the least', { iter: 0, id: 'a' }],
  ['one that failed', { iter: 1, id: 'a', score: null, error: { kind: 'timeout', message: 'late' } }],
  ['one that says its error in a text', { iter: 1, id: 'a', error: 'late' }],
  ['one whose error has no kind', { iter: 1, id: 'a', error: { message: 7 } }],
  ['one with numbers that are none', { iter: 1, id: 'a', score: Number.NaN, island: -1, generation: 1.7, ts: 'x' }],
  ['one with all kinds of metrics', { iter: 1, id: 'a', metrics: { a: 1, b: null, c: 'x', d: true, e: Number.NaN } }],
  ['one with numbers too large to be whole', { iter: 1, id: 'a', island: 1e30, generation: 1e30 }],
  ['one with the wrong types', { iter: 1, id: 'a', parent_id: 5, model: {}, island: '2', metrics: [], error: 3 }],
];

test.each(values)('the index and the whole record agree on the line of %s', (_, value) => {
  const { error, ...record } = parseProgramRecord(value);
  expect({ ...record, error: error?.kind ?? null }).toMatchObject(indexedProgramOf(value));
});

test.each([{ iter: 1 }, { iter: -1, id: 'a' }, { iter: 1.5, id: 'a' }, { iter: 1, id: '' }, [], null, 'text'])(
  'neither takes %j',
  (value) => {
    expect(() => parseProgramRecord(value)).toThrow(/programs\.jsonl/);
    expect(() => indexedProgramOf(value)).toThrow(/programs\.jsonl/);
  },
);
