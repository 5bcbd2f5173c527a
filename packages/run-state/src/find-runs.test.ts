import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRuns } from './find-runs.ts';

let root: string;
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'kai-find-')), 'runs');
  mkdirSync(root);
});
afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }));

function addRun(path: string, file = 'run.json'): string {
  const dir = join(root, path);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, file), '{}');
  return dir;
}

test('runs are found below their labels, sorted by label and number', async () => {
  for (const path of ['b/run_10', 'b/run_2', 'a/run_0']) addRun(path);
  addRun('b/notes', 'text.md');
  expect(await findRuns(root)).toEqual([
    { dir: join(root, 'a/run_0'), label: 'a', idx: 0 },
    { dir: join(root, 'b/run_2'), label: 'b', idx: 2 },
    { dir: join(root, 'b/run_10'), label: 'b', idx: 10 },
  ]);
});

test('the root may be one run or one label', async () => {
  const dir = addRun('a/run_3');
  expect(await findRuns(dir)).toEqual([{ dir, label: 'a', idx: 3 }]);
  expect(await findRuns(join(root, 'a'))).toEqual([{ dir, label: 'a', idx: 3 }]);
});

test('a foreign run has its parent folder’s name, made fit, and number 0', async () => {
  const feed = addRun('my task/output', 'progress.jsonl');
  const checkpoints = join(root, 'other/openevolve_output');
  mkdirSync(join(checkpoints, 'checkpoints/checkpoint_10'), { recursive: true });
  expect(await findRuns(root)).toEqual([
    { dir: feed, label: 'my-task', idx: 0 },
    { dir: checkpoints, label: 'other', idx: 0 },
  ]);
});

test('a checkpoints folder without a checkpoint is not a run', async () => {
  mkdirSync(join(root, 'training/checkpoints/epoch_1'), { recursive: true });
  expect(await findRuns(root)).toEqual([]);
});

test('foreign runs whose names collide are told apart by a hash of their path; kai’s own keep their label', async () => {
  const own = addRun('task/run_0');
  addRun('task/one');
  addRun('task/two');
  const found = await findRuns(root);
  expect(new Set(found.map(({ label }) => label)).size).toBe(3);
  expect(found.find(({ dir }) => dir === own)?.label).toBe('task');
  expect(found.filter(({ label }) => /^task-[0-9a-f]{6}$/.test(label))).toHaveLength(2);
  expect(await findRuns(root)).toEqual(found);
});

test('of two runs of kai with one name the one closer to the root keeps it', async () => {
  const near = addRun('task/run_0');
  const far = addRun('old/task/run_0');
  expect(await findRuns(root)).toEqual([
    { dir: near, label: 'task', idx: 0 },
    { dir: far, label: expect.stringMatching(/^task-[0-9a-f]{6}$/), idx: 0 },
  ]);
});

test('a hash that stands in another run’s own name is lengthened', async () => {
  addRun('task/run_0');
  const far = addRun('old/task/run_0');
  const hash = createHash('sha256').update(far).digest('hex');
  addRun(`task-${hash.slice(0, 6)}/run_0`);
  const found = await findRuns(root);
  expect(found.find(({ dir }) => dir === far)?.label).toBe(`task-${hash.slice(0, 7)}`);
  expect(new Set(found.map(({ label }) => label)).size).toBe(3);
});

test('symbolic links are not followed', async () => {
  const outside = join(root, '../outside');
  mkdirSync(join(outside, 'run_0'), { recursive: true });
  writeFileSync(join(outside, 'run_0/run.json'), '{}');
  symlinkSync(outside, join(root, 'linked'));
  symlinkSync(root, join(root, 'loop'));
  expect(await findRuns(root)).toEqual([]);
});

test('a missing root and an empty one hold no runs', async () => {
  expect(await findRuns(root)).toEqual([]);
  expect(await findRuns(join(root, 'none'))).toEqual([]);
});
