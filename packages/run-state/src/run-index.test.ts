import { appendFileSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseManifest, writeManifest } from './manifest.ts';
import { openRun } from './open-run.ts';
import { RunIndex } from './run-index.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kai-index-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const line = (iter: number, score: number | null) => `${JSON.stringify({ iter, score, ts: 5000 + iter })}\n`;

async function addRun(path: string, scores: (number | null)[] = [1, 2]): Promise<string> {
  const dir = join(root, path);
  mkdirSync(dir, { recursive: true });
  await writeManifest(dir, parseManifest({ status: 'finished', stop_reason: 'max_iterations' }));
  writeFileSync(join(dir, 'progress.jsonl'), scores.map((score, iter) => line(iter, score)).join(''));
  return dir;
}

test('the index gives the state of every run, by label and number', async () => {
  await addRun('b/run_0', [3]);
  await addRun('a/run_10');
  await addRun('a/run_2', [5]);
  await using index = new RunIndex(root);
  const states = await index.refresh();
  expect(states.map(({ label, idx, best, status }) => [label, idx, best, status])).toEqual([
    ['a', 2, 5, 'finished'],
    ['a', 10, 2, 'finished'],
    ['b', 0, 3, 'finished'],
  ]);
  expect(index.get('a', 10)).toBe(states[1]);
  expect(index.get('a', 3)).toBeUndefined();
});

test('what did not change is the same object, and only what changed is read again', async () => {
  const dirs = [await addRun('a/run_0'), await addRun('a/run_1')];
  await using index = new RunIndex(root);
  const before = await index.refresh();
  expect(await index.refresh()).toBe(before);
  appendFileSync(join(dirs[1]!, 'progress.jsonl'), line(2, 7));
  const after = await index.refresh();
  expect(after[0]).toBe(before[0]);
  expect([before[1]!.best, after[1]!.best]).toEqual([2, 7]);
  writeFileSync(join(dirs[0]!, 'usage.jsonl'), '{"cost_usd":1}\n');
  expect((await index.refresh()).map(({ cost }) => cost)).toEqual([1, null]);
  const run = await openRun(dirs[0]!, { label: 'a', resume: true });
  expect((await index.refresh())[0]!.status).toBe('running');
  await run.finish({ status: 'stopped', stopReason: 'user' });
  expect((await index.refresh())[0]!.status).toBe('stopped');
});

test('of an active run only the new bytes are read', async () => {
  const dir = join(root, 'a/run_0');
  await using run = await openRun(dir, { label: 'a' });
  run.append({ iter: 0, score: 1 });
  await using index = new RunIndex(root);
  const [before] = await index.refresh();
  // What was read before may have become anything: it is not looked at again.
  writeSync(openSync(join(dir, 'progress.jsonl'), 'r+'), 'x', 0);
  run.append({ iter: 1, score: 2 });
  const [after] = await index.refresh();
  expect([before!.best, after!.best, after!.problems, after!.trajectory.count]).toEqual([1, 2, [], 2]);
});

test('a growing log of OpenEvolve is noticed, also after the run was idle', async () => {
  const logs = join(root, 'search', 'openevolve_output', 'logs');
  mkdirSync(logs, { recursive: true });
  const iteration = (n: number, score: number) =>
    `2026-11-01 10:00:0${n},000 - openevolve.controller - INFO - Iteration ${n}: Program p${n} (parent: p0) completed in 1.00s\n` +
    `2026-11-01 10:00:0${n},001 - openevolve.controller - INFO - Metrics: combined_score=${score}\n`;
  const log = join(logs, 'openevolve_20261101_100000.log');
  writeFileSync(log, iteration(1, 0.5));
  await using index = new RunIndex(root, { now: () => Date.now() / 1000 + 3600 });
  expect((await index.refresh()).map(({ status, iteration }) => [status, iteration])).toEqual([['idle', 1]]);
  appendFileSync(log, iteration(2, 0.75) + iteration(3, 0.8));
  expect((await index.refresh()).map(({ iteration }) => iteration)).toEqual([3]);
});

test('time alone changes the state of a run', async () => {
  mkdirSync(join(root, 'foreign/out'), { recursive: true });
  writeFileSync(join(root, 'foreign/out/progress.jsonl'), line(0, 1));
  let now = Date.now() / 1000;
  await using index = new RunIndex(root, { now: () => now });
  const states = [(await index.refresh())[0]!.status];
  now += 120;
  states.push((await index.refresh())[0]!.status, (await index.refresh())[0]!.status);
  expect(states).toEqual(['running', 'idle', 'idle']);
});

test('runs that come and go are noticed, and a name that two runs want changes for both', async () => {
  await addRun('x/task/out');
  await using index = new RunIndex(root);
  const names = async () => (await index.refresh()).map(({ label }) => label);
  expect(await names()).toEqual(['task']);
  await addRun('y/task/out');
  expect(await names()).toEqual([expect.stringMatching(/^task-/), expect.stringMatching(/^task-/)]);
  rmSync(join(root, 'x'), { recursive: true });
  expect(await names()).toEqual(['task']);
  rmSync(root, { recursive: true });
  expect(await names()).toEqual([]);
});

test('refreshes that are asked for at once follow each other, and an aborted one changes nothing', async () => {
  await addRun('a/run_0');
  const index = new RunIndex(root);
  const [one, two] = await Promise.all([index.refresh(), index.refresh()]);
  expect(one).toBe(two);
  await addRun('a/run_1');
  expect(await index.refresh({ signal: AbortSignal.abort() })).toBe(one);
  expect(await index.refresh()).toHaveLength(2);
  await index.close();
  await addRun('a/run_2');
  expect(await index.refresh()).toHaveLength(2);
});
