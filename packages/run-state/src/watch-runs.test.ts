import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchRuns } from './watch-runs.ts';

let root: string;
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'kai-watch-runs-')), 'runs');
});
afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }));

function addRun(path: string): void {
  mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, path, 'run.json'), '{}');
}

/** Names of the runs after each step, a step for each value but the last. */
async function watch(steps: (() => void)[], pollMs: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const runs of watchRuns(root, { pollMs })) {
    seen.push(runs.map(({ label, idx }) => `${label}/${idx}`).join(' '));
    const step = steps[seen.length - 1];
    if (step === undefined) break;
    step();
  }
  return seen;
}

test('new runs, new labels and runs that are gone are told by file events', async () => {
  addRun('a/run_0');
  const steps = [() => addRun('a/run_1'), () => addRun('b/run_0'), () => rmSync(join(root, 'a'), { recursive: true })];
  const seen = await watch(steps, 600_000);
  // A folder with runs is removed run by run.
  expect([...seen.slice(0, 3), 'b/0']).toEqual(['a/0', 'a/0 a/1', 'a/0 a/1 b/0', 'b/0']);
});

test('a folder becomes a run once its first file is there', async () => {
  mkdirSync(join(root, 'a/run_0'), { recursive: true });
  expect(await watch([() => writeFileSync(join(root, 'a/run_0/progress.jsonl'), '')], 600_000)).toEqual(['', 'a/0']);
});

test('a root that is not there yet is waited for', async () => {
  expect(await watch([() => addRun('a/run_0')], 20)).toEqual(['', 'a/0']);
});

test('what a run writes is no new value', async () => {
  addRun('a/run_0');
  const steps = [
    () => {
      appendFileSync(join(root, 'a/run_0/progress.jsonl'), '{"iter":0,"score":1}\n');
      addRun('.hidden/run_0');
      addRun('a/run_1');
    },
  ];
  expect(await watch(steps, 10)).toEqual(['a/0', 'a/0 a/1']);
});

test('an abort ends the watch, before and while it waits', async () => {
  addRun('a/run_0');
  const controller = new AbortController();
  const runs = watchRuns(root, { signal: controller.signal });
  await runs.next();
  const next = runs.next();
  controller.abort();
  expect(await next).toEqual({ done: true, value: undefined });
  for await (const _ of watchRuns(root, { signal: AbortSignal.abort() })) expect.unreachable();
});

test('watching and leaving a hundred times leaves no watcher behind', async () => {
  addRun('a/run_0');
  const watchers = () => process.getActiveResourcesInfo().filter((resource) => /FSEvent|Timeout/.test(resource)).length;
  const before = watchers();
  for (let nth = 0; nth < 100; nth++) {
    for await (const _ of watchRuns(root)) break;
  }
  expect(watchers()).toBeLessThanOrEqual(before);
});

test('return ends watchRuns while next waits, and next is done', async () => {
  const sets = watchRuns(root, { pollMs: 600_000 });
  await sets.next();
  const waiting = sets.next();
  expect(await sets.return()).toEqual({ done: true, value: undefined });
  expect(await waiting).toEqual({ done: true, value: undefined });
});
