import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeCheckpoint } from '../checkpoints.ts';
import { encodeProgramRecord, type ProgramRecord } from '../programs.ts';
import { encodePromptRecord } from '../prompts.ts';
import { parseStoredProgram } from '../stored-program.ts';
import { openPrograms } from './open-programs.ts';

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'kai-programs-')), 'circle', 'run_0');
  mkdirSync(dir, { recursive: true });
});
afterEach(() => rmSync(join(dir, '../..'), { recursive: true, force: true }));

const journal = () => join(dir, 'programs.jsonl');

function record(iter: number, change: Partial<ProgramRecord> = {}): ProgramRecord {
  return {
    iter,
    id: `p${iter}`,
    parentId: iter === 0 ? null : 'p0',
    inspirationIds: [],
    island: iter % 3,
    generation: 1,
    model: 'gpt-5-mini',
    code: `code of ${iter}`,
    changes: null,
    metrics: { speed: iter / 2 },
    score: iter,
    error: null,
    artifacts: { stdout: 'long' },
    proposeSeconds: 1,
    queueSeconds: 0,
    evaluateSeconds: 2,
    worker: null,
    costUsd: 0.25,
    ts: 5000 + iter,
    ...change,
  };
}

const line = (iter: number, change: Partial<ProgramRecord> = {}) =>
  `${JSON.stringify(encodeProgramRecord(record(iter, change)))}\n`;

test('every program of the journal has a summary by row, and is read whole by id', async () => {
  const error = { kind: 'timeout', message: 'took too long' };
  const failed = { score: null, error, metrics: {}, costUsd: null, island: null, model: null };
  writeFileSync(journal(), line(0) + line(2) + line(1, failed));
  await using programs = await openPrograms(dir);
  expect([programs.size, programs.source, programs.rowOf('p2'), programs.rowOfIter(1)]).toEqual([3, 'journal', 1, 2]);
  expect(programs.summary(1)).toEqual({
    row: 1,
    id: 'p2',
    iter: 2,
    score: 2,
    parentId: 'p0',
    parentRow: 0,
    island: 2,
    generation: 1,
    model: 'gpt-5-mini',
    error: null,
    costUsd: 0.25,
    ts: 5002,
    metrics: { speed: 1 },
  });
  expect(programs.summary(2)).toMatchObject({ score: null, error: 'timeout', island: null, model: null, metrics: {} });
  expect(await programs.get('p2')).toEqual(record(2));
  expect(await programs.get('p1')).toEqual(record(1, failed));
  expect([await programs.get('none'), programs.summary(3), programs.rowOf('none'), programs.rowOfIter(9)]).toEqual([
    null,
    null,
    -1,
    -1,
  ]);
});

test('the columns hold one number per row, and NaN where there is none', async () => {
  writeFileSync(journal(), line(0) + line(1, { score: null, metrics: { size: 7 } }));
  await using programs = await openPrograms(dir);
  const { iter, score, parent, island, metrics } = programs.columns();
  expect([[...iter], [...score], [...parent], [...island]]).toEqual([
    [0, 1],
    [0, Number.NaN],
    [-1, 0],
    [0, 1],
  ]);
  expect([...metrics].map(([name, column]) => [name, [...column]])).toEqual([
    ['speed', [0, Number.NaN]],
    ['size', [Number.NaN, 7]],
  ]);
});

test('children and lineage, also of a program whose parent comes later, is gone or is itself', async () => {
  const parents: [number, string | null][] = [
    [0, null],
    [1, 'p0'],
    [3, 'p2'],
    [2, 'p1'],
    [4, 'p1'],
    [5, 'lost'],
    [6, 'p6'],
  ];
  writeFileSync(journal(), parents.map(([iter, parentId]) => line(iter, { parentId })).join(''));
  await using programs = await openPrograms(dir);
  const ids = (summaries: { id: string }[]) => summaries.map(({ id }) => id).join(' ');
  expect(ids(programs.children('p1'))).toBe('p2 p4');
  expect(ids(programs.children('p2'))).toBe('p3');
  expect(ids(programs.children('p3'))).toBe('');
  expect(ids(programs.lineage('p3'))).toBe('p0 p1 p2 p3');
  expect(ids(programs.lineage('p5'))).toBe('p5');
  expect(ids(programs.lineage('p6'))).toBe('p6');
  expect(programs.summary(programs.rowOf('p5'))).toMatchObject({ parentId: 'lost', parentRow: null });
  expect([programs.children('none'), programs.lineage('none')]).toEqual([[], []]);
});

test('a refresh reads the new bytes alone', async () => {
  writeFileSync(journal(), line(0) + line(1));
  await using programs = await openPrograms(dir);
  expect(await programs.refresh()).toBe(false);
  // What was read before may have become anything: it is not looked at again.
  const file = openSync(journal(), 'r+');
  writeSync(file, 'x'.repeat(100), 0);
  appendFileSync(journal(), `${line(2)}${line(3).slice(0, 20)}`);
  expect([await programs.refresh(), programs.size, programs.problems]).toEqual([true, 3, []]);
  appendFileSync(journal(), line(3).slice(20));
  expect([await programs.refresh(), programs.size]).toEqual([true, 4]);
  expect((await programs.get('p3'))?.code).toBe('code of 3');
});

test('a journal that was replaced is indexed anew, also when a program is asked for first', async () => {
  writeFileSync(journal(), line(0) + line(1) + line(2));
  await using programs = await openPrograms(dir);
  writeFileSync(`${journal()}.new`, line(5) + line(2, { code: 'new' }));
  renameSync(`${journal()}.new`, journal());
  expect((await programs.get('p2'))?.code).toBe('new');
  expect([programs.size, programs.rowOf('p0'), await programs.get('p1')]).toEqual([2, -1, null]);
});

test('an id that comes again takes the place of the program before', async () => {
  writeFileSync(journal(), line(0) + line(1) + line(1, { score: 9, metrics: {}, code: 'again' }));
  await using programs = await openPrograms(dir);
  expect([programs.size, programs.summary(1)?.score, programs.summary(1)?.metrics]).toEqual([2, 9, {}]);
  expect((await programs.get('p1'))?.code).toBe('again');
});

test('a line that cannot be read is a problem and costs itself only', async () => {
  writeFileSync(journal(), `${line(0)}oops\n{"iter": 1}\n${line(2)}`);
  await using programs = await openPrograms(dir);
  expect(programs.size).toBe(2);
  expect(programs.problems.map(({ file, line }) => [file, line])).toEqual([
    ['programs.jsonl', 2],
    ['programs.jsonl', 3],
  ]);
});

test('prompt and reply of an iteration are read from their lines, in order', async () => {
  const prompt = (iter: number, attempt: number) => ({
    iter,
    programId: `p${iter}`,
    model: 'm',
    system: null,
    prompt: `improve ${iter}`,
    reply: attempt === 1 ? null : 'done',
    attempt,
    ts: 5000,
  });
  const write = (iter: number, attempt: number) =>
    appendFileSync(join(dir, 'prompts.jsonl'), `${JSON.stringify(encodePromptRecord(prompt(iter, attempt)))}\n`);
  writeFileSync(journal(), line(0) + line(1));
  await using programs = await openPrograms(dir);
  expect(await programs.prompts(1)).toEqual([]);
  write(1, 1);
  write(2, 1);
  write(1, 2);
  appendFileSync(join(dir, 'prompts.jsonl'), '{"prompt": "other order", "iter": 7}\noops\n');
  expect(await programs.prompts(1)).toEqual([prompt(1, 1), prompt(1, 2)]);
  expect(await programs.prompts(7)).toMatchObject([{ iter: 7, prompt: 'other order', reply: null }]);
  expect(await programs.prompts(3)).toEqual([]);
  expect(programs.problems.map(({ file, line }) => [file, line])).toEqual([['prompts.jsonl', 5]]);
});

test('without a journal the programs come from the checkpoints, until there is one', async () => {
  const stored = (id: string, iteration: number, parentId: string | null) =>
    parseStoredProgram({
      id,
      code: `code of ${id}`,
      iteration_found: iteration,
      parent_id: parentId,
      metrics: { combined_score: iteration },
    });
  const checkpoint = {
    iteration: 10,
    bestProgramId: 'b',
    islands: [['a', 'b']],
    islandFeatureMaps: [],
    archive: [],
    islandBestPrograms: [],
    islandGenerations: [],
    currentIsland: 0,
    lastMigrationGeneration: 0,
    featureStats: {},
    controller: null,
    programs: [stored('a', 0, null), stored('b', 4, 'a')],
  };
  await writeCheckpoint(dir, checkpoint, { extension: '.js' });
  await using programs = await openPrograms(dir);
  expect([programs.source, programs.size, await programs.refresh()]).toEqual(['openevolve', 2, false]);
  expect(programs.lineage('b').map(({ id, score }) => [id, score])).toEqual([
    ['a', 0],
    ['b', 4],
  ]);
  expect((await programs.get('b'))?.code).toBe('code of b');
  writeFileSync(journal(), line(0));
  expect([await programs.refresh(), programs.source, programs.size]).toEqual([true, 'journal', 1]);
});

test('a directory that is missing or empty has no programs yet', async () => {
  await using programs = await openPrograms(join(dir, 'later'));
  expect([programs.size, programs.source, await programs.get('p0'), await programs.prompts(0)]).toEqual([
    0,
    'none',
    null,
    [],
  ]);
  mkdirSync(join(dir, 'later'));
  writeFileSync(join(dir, 'later/programs.jsonl'), line(0));
  expect([await programs.refresh(), programs.size]).toEqual([true, 1]);
  await programs.close();
  appendFileSync(join(dir, 'later/programs.jsonl'), line(1));
  expect([await programs.refresh(), programs.size]).toEqual([false, 1]);
});

test('100,000 programs take the bytes that are promised, and one more is found at once', async () => {
  const count = 100_000;
  const id = (iter: number) => `0b7c4f7e-51d3-4d8e-9a55-${String(iter).padStart(12, '0')}`;
  const template = line(1, { id: '@id', parentId: '@parent', code: 'code of @iter' }).replace(
    '"iter":1',
    '"iter":@iter',
  );
  const big = (iter: number) =>
    template
      .replace('@id', id(iter))
      .replace('@parent', id(iter >> 1))
      .replaceAll('@iter', String(iter));
  for (let start = 0; start < count; start += 10_000) {
    appendFileSync(journal(), Array.from({ length: 10_000 }, (_, nth) => big(start + nth)).join(''));
  }
  await using programs = await openPrograms(dir);
  expect(programs.size).toBe(count);
  expect(programs.lineage(id(count - 1)).map(({ iter }) => iter)).toEqual(
    Array.from({ length: 18 }, (_, at) => (count - 1) >> (17 - at)).filter((iter, at) => at === 0 || iter > 0),
  );
  expect(programs.children(id(40_000)).map(({ iter }) => iter)).toEqual([80_000, 80_001]);
  // 76 + 36 for the id + 8 for its metric, and the room that doubling arrays keep.
  expect(programs.byteLength / count).toBeLessThan(2 * (76 + 36 + 8));
  appendFileSync(journal(), big(count));
  await programs.refresh();
  expect((await programs.get(id(count)))?.code).toBe(`code of ${count}`);
});

test('a program of a journal that was replaced is found while another refresh is on its way', async () => {
  writeFileSync(journal(), line(0));
  await using programs = await openPrograms(dir);
  writeFileSync(`${journal()}.new`, line(5) + line(6));
  renameSync(`${journal()}.new`, journal());
  const [, found] = await Promise.all([programs.refresh(), programs.get('p6')]);
  expect(found?.code).toBe('code of 6');
});

test('a program that cannot be read (any more) is a problem', async () => {
  writeFileSync(journal(), line(0));
  await using programs = await openPrograms(dir);
  expect(await programs.get('none')).toBeNull();
  expect(programs.problems).toEqual([]);
  await programs.close();
  rmSync(journal());
  expect(await programs.get('p0')).toBeNull();
  expect(programs.problems).toMatchObject([{ file: 'programs.jsonl', reason: expect.stringContaining('ENOENT') }]);
});
