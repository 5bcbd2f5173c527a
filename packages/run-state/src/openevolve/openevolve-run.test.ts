import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCheckpoint } from '../checkpoints.ts';
import { findRuns } from '../find-runs.ts';
import { readRunState } from '../read-run-state.ts';
import type { RunProblem } from '../run-state.ts';
import { type OpenEvolveProgram, readOpenEvolvePrograms } from './read-openevolve-programs.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const output = (shape: string) => join(fixtures, shape, 'openevolve_output');
const id = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;
const n = (programId: string | null) => (programId === null ? null : Number(programId.slice(0, 8)));

/** Later than any file's last change, as if the run had been quiet for a day. */
const now = () => Date.now() / 1000 + 86_400;
const state = (dir: string) => readRunState(dir, { now });
const curve = async (dir: string) => (await state(dir)).trajectory.samples.map(({ iter, score }) => [iter, score]);

async function programs(dir: string, onProblem?: (problem: RunProblem) => void): Promise<OpenEvolveProgram[]> {
  const found: OpenEvolveProgram[] = [];
  for await (const program of readOpenEvolvePrograms(dir, { now, onProblem })) found.push(program);
  return found;
}

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kai-openevolve-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('an output folder is a run: its curve is the union of its checkpoints by iteration_found', async () => {
  const { trajectory, ...found } = await state(output('present'));
  expect(found).toMatchObject({
    dir: output('present'),
    label: 'present',
    idx: 0,
    status: 'idle',
    source: 'checkpoints',
    iteration: 20,
    maxIterations: null,
    initialScore: 0.25,
    best: 0.75,
    bestProgramId: id(3),
    failed: 0,
    startedAt: 1795380000.01,
    updatedAt: 1795380150.04,
    problems: [],
  });
  expect(trajectory.samples.map(({ iter, score }) => [iter, score])).toEqual([
    [0, 0.25],
    [4, 0.5],
    [8, 0.75],
    [15, 0.625],
  ]);
});

test('what OpenEvolve does not tell is absent, not zero', async () => {
  expect(await state(output('present'))).toMatchObject({ calls: null, cost: null, maxIterations: null });
  const [, second] = await programs(output('present'));
  expect(second).toMatchObject({ costUsd: null, seconds: null, evaluateSeconds: null, model: null });
});

test('the parent of an output folder, its checkpoints folder and the folder itself are the same run', async () => {
  const run = { dir: output('present'), label: 'present', idx: 0 };
  for (const path of [join(fixtures, 'present'), output('present'), join(output('present'), 'checkpoints')]) {
    expect(await state(path)).toMatchObject({ ...run, best: 0.75 });
    expect(await findRuns(path)).toEqual([run]);
  }
});

test('one checkpoint is a run of what it holds, named after the run it lies in', async () => {
  const dir = join(output('present'), 'checkpoints/checkpoint_20');
  expect(await state(dir)).toMatchObject({ dir, label: 'present', idx: 0, iteration: 20, best: 0.625 });
  expect(await findRuns(dir)).toEqual([{ dir, label: 'present', idx: 0 }]);
  expect((await programs(dir)).map((program) => n(program.id))).toEqual([1, 2, 4]);
});

test('a checkpoint that was copied elsewhere is a run named after the folder it lies in', async () => {
  const dir = join(root, 'saved here', 'checkpoint_20');
  cpSync(join(output('present'), 'checkpoints/checkpoint_20'), dir, { recursive: true });
  expect(await state(dir)).toMatchObject({ label: 'saved-here', best: 0.625 });
  expect(await findRuns(root)).toEqual([{ dir, label: 'saved-here', idx: 0 }]);
});

test('all runs of a root are found, with checkpoints, only a log, or only a trace', async () => {
  for (const shape of ['present', 'live', 'trace'])
    cpSync(join(fixtures, shape), join(root, shape), { recursive: true });
  for (const shape of ['live', 'trace'])
    rmSync(join(root, shape, 'openevolve_output/checkpoints'), { recursive: true });
  mkdirSync(join(root, 'other/logs'), { recursive: true });
  expect(await findRuns(root)).toEqual(
    ['live', 'present', 'trace'].map((label) => ({ dir: join(root, label, 'openevolve_output'), label, idx: 0 })),
  );
});

test('an output folder with another name is found from above, under its parent’s name', async () => {
  cpSync(output('present'), join(root, 'packing/try 1'), { recursive: true });
  expect(await findRuns(root)).toEqual([{ dir: join(root, 'packing/try 1'), label: 'packing', idx: 0 }]);
});

test('programs that the newest checkpoint lost are there, and of two records the newest counts', async () => {
  const found = await programs(output('present'));
  expect(found.map((program) => [n(program.id), program.iter, program.island])).toEqual([
    [1, 0, 0],
    [2, 4, 1],
    [3, 8, 1],
    [4, 15, 1],
  ]);
});

test('a program has its code, lineage, island, metrics, model, prompts and artifacts', async () => {
  expect((await programs(output('present'))).at(-1)).toEqual({
    iter: 15,
    id: id(4),
    parentId: id(3),
    inspirationIds: [],
    island: 1,
    generation: 1,
    model: 'gpt-5-mini',
    code: 'x = 4\n',
    changes: 'Change 4',
    metrics: { combined_score: 0.625, size: 9 },
    score: 0.625,
    error: null,
    artifacts: { stderr: 'a warning' },
    proposeSeconds: null,
    queueSeconds: null,
    evaluateSeconds: null,
    worker: null,
    costUsd: null,
    ts: 1795380150.04,
    language: 'python',
    copyOf: null,
    textMetrics: {},
    prompts: [{ system: 'You are an expert.', user: 'Improve it.', replies: ['x = 4'] }],
    seconds: null,
    source: 'checkpoint',
  });
});

test('metrics may be NaN or text', async () => {
  const third = (await programs(output('present')))[2]!;
  expect(third.metrics).toEqual({ combined_score: 0.75, size: Number.NaN });
  expect(third.textMetrics).toEqual({ note: 'fast' });
});

test('a parent that is gone is named all the same', async () => {
  const found = await programs(output('present'));
  expect(n(found[2]!.parentId)).toBe(9);
  expect(found.some((program) => program.id === id(9))).toBe(false);
});

test('best_program_info.json may be absent', async () => {
  expect(await state(output('failures'))).toMatchObject({ best: -1.5, bestProgramId: id(6), problems: [] });
});

test('a best program that no checkpoint holds is known from best_program_info.json', async () => {
  cpSync(output('present'), root, { recursive: true });
  rmSync(join(root, `checkpoints/checkpoint_10/programs/${id(3)}.json`));
  expect(await state(root)).toMatchObject({ best: 0.75, bestProgramId: id(3), problems: [] });
  expect((await programs(root))[2]).toMatchObject({ id: id(3), iter: 8, code: null, score: 0.75 });
});

test('the old schema: feature_map, no iteration_found, the log counts', async () => {
  expect(await state(output('old'))).toMatchObject({
    iteration: 10,
    maxIterations: 10,
    best: 1,
    failed: 1,
    problems: [],
  });
  expect((await programs(output('old'))).map(({ id, iter, island, score }) => [n(id), iter, island, score])).toEqual([
    [1, 0, 0, 0.5],
    [2, 3, 1, 0.75],
    [Number.NaN, 4, null, null],
    [3, 10, 0, 1],
  ]);
  const { islandFeatureMaps } = await readCheckpoint(output('old'), 10);
  expect(islandFeatureMaps).toEqual([{ '0-0': id(1), '4-4': id(3) }, { '3-1': id(2) }]);
});

test('a program of the old schema that no log names stands at the first checkpoint that holds it', async () => {
  cpSync(output('old'), root, { recursive: true });
  rmSync(join(root, 'logs'), { recursive: true });
  expect(await curve(root)).toEqual([
    [0, 0.5],
    [5, 0.75],
    [10, 1],
  ]);
});

test('failure records have no score, whatever number stands beside them', async () => {
  expect(await state(output('failures'))).toMatchObject({ initialScore: -2.5, best: -1.5, failed: 4 });
  expect((await programs(output('failures'))).map(({ score, error }) => [score, error])).toEqual([
    [-2.5, null],
    [null, { kind: 'timeout', message: 'killed after 30 s' }],
    [null, { kind: 'no_score', message: 'division by zero' }],
    [null, { kind: 'no_score', message: 'No metric is a number that can be a score.' }],
    [null, { kind: 'no_score', message: 'No metric is a number that can be a score.' }],
    [-1.5, null],
  ]);
});

test('copies by migration are programs but no measurements', async () => {
  expect(await curve(output('migration'))).toEqual([
    [0, 0.25],
    [0, 0.375],
    [3, 0.5],
  ]);
  expect((await programs(output('migration'))).map(({ id, copyOf }) => [id, n(copyOf)])).toEqual([
    [id(1), null],
    [id(3), 2],
    [`${id(2)}_migrant_1`, 2],
    [id(5), 2],
    [id(6), 9],
    [id(7), null],
    [id(2), null],
  ]);
});

test('of a checkpoint that was not written to its end the whole programs count, and the rest is said', async () => {
  const found = await state(output('half-written'));
  expect(found).toMatchObject({ iteration: 12, best: 0.5 });
  expect(found.problems.map(({ file }) => file)).toEqual([
    'checkpoints/checkpoint_20/metadata.json',
    `checkpoints/checkpoint_20/programs/${id(3)}.json`,
  ]);
});

test('a checkpoint that is being written is not there yet', async () => {
  cpSync(output('half-written'), root, { recursive: true });
  expect(await readRunState(root)).toMatchObject({ iteration: 10, best: 0.25, problems: [] });
});

test('the trace tells of programs that no checkpoint kept, in full precision', async () => {
  expect(await state(output('trace'))).toMatchObject({ iteration: 10, best: 0.5, failed: 1, problems: [] });
  expect(await curve(output('trace'))).toEqual([
    [0, 0.25],
    [4, 0.5],
    [6, 0.123456],
  ]);
  const found = await programs(output('trace'));
  expect(found.map(({ source }) => source)).toEqual(['checkpoint', 'checkpoint', 'trace', 'trace']);
  expect(found[2]).toMatchObject({
    id: id(3),
    parentId: id(1),
    island: 1,
    model: 'gpt-5-mini',
    code: 'x = 3\n',
    changes: 'Change 3',
    seconds: 3.5,
    prompts: [{ system: 'You are an expert.', user: 'Improve it.', replies: ['x = 3'] }],
  });
});

test('the logs tell of every iteration, over restarts, and checkpoints correct their four decimals', async () => {
  expect(await state(output('live'))).toMatchObject({
    iteration: 6,
    maxIterations: 20,
    initialScore: 0.25,
    best: 0.5,
    bestProgramId: id(2),
    failed: 4,
    stopReason: null,
    problems: [],
  });
  const found = await programs(output('live'));
  expect(found.map(({ iter, id, score, source }) => [iter, id, score, source])).toEqual([
    [0, id(1), 0.25, 'checkpoint'],
    [1, id(2), 0.5, 'log'],
    [2, 'iteration-2', null, 'log'],
    [3, id(3), null, 'log'],
    [4, 'iteration-4', null, 'log'],
    [5, 'iteration-5', null, 'log'],
    [6, id(4), 0.123456, 'checkpoint'],
  ]);
  expect(found.map(({ error }) => error?.message ?? null)).toEqual([
    null,
    null,
    'No valid diffs found in response',
    'The evaluation timed out.',
    'timed out after 60s',
    "'island'",
    null,
  ]);
  expect(found[3]).toMatchObject({ parentId: id(2), island: 1, seconds: 4.5, code: null });
});

test('a second search in the same folder leaves the first one out', async () => {
  expect(await state(output('rerun'))).toMatchObject({
    iteration: 2,
    maxIterations: 2,
    best: 0.4,
    stopReason: 'max_iterations',
  });
  expect((await programs(output('rerun'))).map(({ id }) => n(id))).toEqual([11, 12, 13]);
});

test('a folder without any of it has no programs, and a run renamed in between is read where it is', async () => {
  expect(await programs(root)).toEqual([]);
  cpSync(output('present'), join(root, 'a'), { recursive: true });
  renameSync(join(root, 'a'), join(root, 'b'));
  expect(await state(join(root, 'b'))).toMatchObject({ best: 0.75 });
});
