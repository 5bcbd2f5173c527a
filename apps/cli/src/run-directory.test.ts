import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkDestination, makeRunDirectory } from './run-directory.ts';

const makeRoot = () => mkdtemp(join(tmpdir(), 'kai-destination-'));

test('runs of a task count up below its label, which is made fit', async () => {
  const runs = await makeRoot();
  expect(await makeRunDirectory({ runs }, 'my task!')).toBe(join(runs, 'my-task/run_0'));
  expect(await makeRunDirectory({ runs }, 'my task!')).toBe(join(runs, 'my-task/run_1'));
  expect(await makeRunDirectory({ runs, label: 'b' }, 'my task!')).toBe(join(runs, 'b/run_0'));
});

test('--output is the run directory itself', async () => {
  const output = join(await makeRoot(), 'deep/out');
  await checkDestination({ output });
  expect(await makeRunDirectory({ output }, 'task')).toBe(output);
});

test('an --output that holds a run, even an old one without a feed, is refused', async () => {
  const output = await makeRoot();
  await mkdir(join(output, 'checkpoints/checkpoint_10'), { recursive: true });
  await expect(checkDestination({ output })).rejects.toThrow(`${output} already holds a run`);
});

test('a label that cannot be a folder, and a file in place of a folder, are refused', async () => {
  const file = join(await makeRoot(), 'file');
  await writeFile(file, '');
  await expect(checkDestination({ label: '../up' })).rejects.toThrow('--label "../up" cannot name a folder of runs');
  await expect(checkDestination({ runs: file })).rejects.toThrow('is a file; expected a folder');
  await expect(checkDestination({ output: file })).rejects.toThrow('is a file; expected a folder');
});
