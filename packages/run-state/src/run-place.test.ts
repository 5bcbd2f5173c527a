import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRunDirectory, placeOf } from './run-place.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kai-place-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('runs of a label count from 0', async () => {
  expect(await createRunDirectory(root, 'circle')).toEqual({ dir: join(root, 'circle', 'run_0'), idx: 0 });
  expect(await createRunDirectory(root, 'circle')).toMatchObject({ idx: 1 });
  expect(await createRunDirectory(root, 'other')).toMatchObject({ idx: 0 });
});

test('a new run comes after the highest number, not into a gap', async () => {
  mkdirSync(join(root, 'circle', 'run_9'), { recursive: true });
  mkdirSync(join(root, 'circle', 'run_010'));
  expect(await createRunDirectory(root, 'circle')).toMatchObject({ idx: 10 });
});

test('runs that are created at once get different directories', async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => createRunDirectory(root, 'circle')));
  expect(made.map(({ idx }) => idx).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(readdirSync(join(root, 'circle'))).toHaveLength(8);
});

test('a label that cannot stand in a path is refused with one that can', async () => {
  await expect(createRunDirectory(root, '../up')).rejects.toThrow(/"up" would do/);
  expect(readdirSync(root)).toEqual([]);
});

test('label and idx come from the path', () => {
  expect(placeOf('/runs/circle/run_12')).toEqual({ label: 'circle', idx: 12, isForeign: false });
  expect(placeOf('/data/My Task/openevolve_output')).toEqual({ label: 'My-Task', idx: 0, isForeign: true });
  expect(placeOf('/runs/my task/run_12')).toEqual({ label: 'my-task', idx: 0, isForeign: true });
  expect(placeOf('/run_1')).toEqual({ label: 'run', idx: 0, isForeign: true });
});

test('a checkpoint is called as the run it lies in', () => {
  expect(placeOf('/x/packing/openevolve_output/checkpoints/checkpoint_10')).toEqual({
    label: 'packing',
    idx: 0,
    isForeign: true,
  });
  expect(placeOf('/x/packing/run_3/checkpoints/checkpoint_0')).toEqual({ label: 'packing', idx: 3, isForeign: false });
  expect(placeOf('/x/saved/checkpoint_10')).toMatchObject({ label: 'saved', idx: 0 });
});
