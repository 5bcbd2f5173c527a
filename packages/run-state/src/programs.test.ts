import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonlWriter } from '@kai/progress/jsonl';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeProgramRecord, type ProgramRecord, parseProgramRecord, readPrograms } from './programs.ts';
import type { RunProblem } from './run-state.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kai-programs-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const record: ProgramRecord = {
  iter: 12,
  id: 'a1b2',
  parentId: 'c3',
  inspirationIds: ['d4', 'e5'],
  island: 2,
  generation: 5,
  model: 'gpt-5-mini',
  code: 'export const x = 1; // “ü”\n',
  changes: 'Change 1',
  metrics: { combined_score: 0.83, size: 12 },
  score: 0.83,
  error: null,
  artifacts: { stderr: 'a line' },
  proposeSeconds: 1.5,
  queueSeconds: 0.25,
  evaluateSeconds: 3,
  worker: 'local/0',
  costUsd: 0.002,
  ts: 1795380000.123,
};
const failed: ProgramRecord = {
  ...record,
  iter: 13,
  id: 'f6',
  code: null,
  metrics: {},
  score: null,
  error: { kind: 'edit', message: 'SEARCH text not found' },
};

async function readAll(problems: RunProblem[] = []): Promise<ProgramRecord[]> {
  const records: ProgramRecord[] = [];
  for await (const found of readPrograms(dir, { onProblem: (problem) => problems.push(problem) })) records.push(found);
  return records;
}

function append(...records: ProgramRecord[]): void {
  const writer = new JsonlWriter(join(dir, 'programs.jsonl'));
  for (const one of records) writer.append(encodeProgramRecord(one));
  writer.close();
}

test('what was written to the journal is what readPrograms reads', async () => {
  append(record, failed);
  expect(await readAll()).toEqual([record, failed]);
});

test('a line of the journal has snake_case names', () => {
  expect(Object.keys(encodeProgramRecord(record)).join(' ')).toBe(
    'iter id parent_id inspiration_ids island generation model code changes metrics score error artifacts ' +
      'propose_seconds queue_seconds evaluate_seconds worker cost_usd ts',
  );
});

test('a metric that is not finite is null in the journal and NaN once read', async () => {
  append({ ...record, metrics: { a: Number.NaN, b: Number.NEGATIVE_INFINITY, c: 1 } });
  expect(JSON.parse(readFileSync(join(dir, 'programs.jsonl'), 'utf8')).metrics).toEqual({ a: null, b: null, c: 1 });
  expect((await readAll())[0]?.metrics).toEqual({ a: Number.NaN, b: Number.NaN, c: 1 });
});

test('a score that is not finite is refused before it is written', () => {
  expect(() => encodeProgramRecord({ ...record, score: Number.NaN })).toThrow(/programs\.jsonl: score:/);
});

test('a record of another writer needs iter and id', () => {
  expect(parseProgramRecord({ iter: 1, id: 'x', error: 'boom', artifacts: { n: 3 }, extra: true })).toMatchObject({
    parentId: null,
    inspirationIds: [],
    error: { kind: 'error', message: 'boom' },
    artifacts: { n: '3' },
    score: null,
    costUsd: null,
  });
  expect(() => parseProgramRecord({ id: 'x' })).toThrow(/iter/);
  expect(() => parseProgramRecord(7)).toThrow(/got a number/);
});

test('a run without a journal has no programs', async () => {
  expect(await readAll()).toEqual([]);
});

test('a damaged line is left out and named, the others are read', async () => {
  append(record);
  const path = join(dir, 'programs.jsonl');
  writeFileSync(path, `${readFileSync(path, 'utf8')}{"iter": 13, oops\n{"id":"no iter"}\n`);
  append(failed);
  const problems: RunProblem[] = [];
  expect(await readAll(problems)).toEqual([record, failed]);
  expect(problems.map(({ file, line }) => [file, line])).toEqual([
    ['programs.jsonl', 2],
    ['programs.jsonl', 3],
  ]);
});

test('a last line cut at any byte is not there, and the first line is', async () => {
  append(record, failed);
  const path = join(dir, 'programs.jsonl');
  const bytes = readFileSync(path);
  for (let length = bytes.indexOf(10) + 1; length < bytes.length; length++) {
    writeFileSync(path, bytes.subarray(0, length));
    const problems: RunProblem[] = [];
    expect(await readAll(problems)).toEqual([record]);
    expect(problems).toEqual([]);
  }
});

test('a directory in the place of the journal is a problem, not an error', async () => {
  mkdirSync(join(dir, 'programs.jsonl'));
  const problems: RunProblem[] = [];
  expect(await readAll(problems)).toEqual([]);
  expect(problems).toMatchObject([{ file: 'programs.jsonl', line: null }]);
});
