import { mkdir, mkdtemp, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRun } from '@kai/run-state';
import { expect, test } from 'vitest';
import { chooseLiveOrNewest, chooseNewest } from './choose-run.ts';

const command = 'pnpm kai';
const makeRoot = () => mkdtemp(join(tmpdir(), 'kai-choose-'));

/** A run that ended at the given second. */
async function endedRun(dir: string, at: number, status: 'finished' | 'stopped' = 'finished'): Promise<void> {
  const run = await openRun(dir, { label: 'a', now: () => at });
  await run.finish({ status, stopReason: status === 'stopped' ? 'user' : 'max_iterations' });
}

test('without a live run the newest is watched', async () => {
  const root = await makeRoot();
  await endedRun(join(root, 'a/run_0'), 2000);
  await endedRun(join(root, 'a/run_1'), 1000);
  expect(await chooseLiveOrNewest(root, { command, now: 3000 })).toMatchObject({ label: 'a', idx: 0, others: 1 });
});

test('a live run goes before newer ones that have ended', async () => {
  const root = await makeRoot();
  const live = await openRun(join(root, 'a/run_0'), { label: 'a', now: () => 1000 });
  await endedRun(join(root, 'a/run_1'), 2000);
  expect(await chooseLiveOrNewest(root, { command, now: 2000 })).toMatchObject({ idx: 0 });
  await live.close();
});

test('to resume, the newest stopped or interrupted run is taken', async () => {
  const root = await makeRoot();
  await endedRun(join(root, 'a/run_0'), 1000, 'stopped');
  await endedRun(join(root, 'a/run_1'), 2000);
  const accepts = ({ status }: { status: string }) => status === 'stopped' || status === 'interrupted';
  expect(await chooseNewest(root, { command, now: 3000, wanted: 'stopped', accepts })).toMatchObject({ idx: 0 });
});

test('a run of OpenEvolve that has only its log is as new as that log', async () => {
  const root = await makeRoot();
  await endedRun(join(root, 'a/run_0'), 2000);
  const logs = join(root, 'packing/openevolve_output/logs');
  await mkdir(logs, { recursive: true });
  await writeFile(join(logs, 'openevolve_20260101_000000.log'), '');
  for (const folder of [logs, join(logs, '..')]) await utimes(folder, 1000, 1000);
  expect((await chooseLiveOrNewest(root, { command, now: 3000 })).dir).toBe(join(logs, '..'));
});

test('a run that is named is taken whatever its state', async () => {
  const root = await makeRoot();
  await endedRun(join(root, 'a/run_0'), 1000);
  const chosen = await chooseNewest(join(root, 'a/run_0'), {
    command,
    now: 2000,
    wanted: 'stopped',
    accepts: () => false,
  });
  expect(chosen).toMatchObject({ idx: 0, status: 'finished' });
});

test('a folder without a fitting run says what it holds', async () => {
  const root = await makeRoot();
  await endedRun(join(root, 'a/run_0'), 1000);
  await endedRun(join(root, 'a/run_1'), 1000);
  await expect(chooseNewest(root, { command, now: 2000, wanted: 'stopped', accepts: () => false })).rejects.toThrow(
    `There is no stopped run in ${root} (found 2: finished). Name one by its path.`,
  );
});

test('a missing folder, an empty one and a file are usage errors', async () => {
  const root = await makeRoot();
  await mkdir(join(root, 'empty'));
  await writeFile(join(root, 'file'), '');
  const choose = (path: string) => chooseLiveOrNewest(join(root, path), { command, now: 0 });
  await expect(choose('nope')).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('no such') });
  await expect(choose('empty')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('Start one with "pnpm kai run <task>"'),
  });
  await expect(choose('file')).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('is a file') });
});
