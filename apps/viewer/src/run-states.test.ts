import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findRuns } from '@kai/run-state';
import { expect, onTestFinished, test } from 'vitest';
import { finishedRun, startRun, temporaryFolder } from './fixtures/temporary-runs.ts';
import { runSignature } from './run-signature.ts';
import { RunStates } from './run-states.ts';

async function statesOf(root: string, lingerMs?: number) {
  const [run] = await findRuns(root);
  const states = new RunStates({ pollMs: 20, lingerMs });
  onTestFinished(() => states.close());
  return { run: run!, states };
}

test('a run that ended is not watched, and read once as long as its files stay', async () => {
  const root = await temporaryFolder();
  await finishedRun(root);
  const { run, states } = await statesOf(root);
  const first = await states.current(run);
  expect(await states.current(run)).toBe(first);
  expect(states.watching).toBe(0);
});

test('however many use an active run, one watch reads it', async () => {
  const root = await temporaryFolder();
  await startRun(root);
  const { run, states } = await statesOf(root);
  await states.current(run);
  const [a, b] = [states.use(run), states.use(run)];
  expect(a.watch).toBe(b.watch);
  expect(states.watching).toBe(1);
});

test('a watch that nobody uses any more is closed', async () => {
  const root = await temporaryFolder();
  await startRun(root);
  const { run, states } = await statesOf(root, 1);
  const { watch, release } = states.use(run);
  await watch.state();
  release();
  await watch.changed({ signal: new AbortController().signal, timeoutMs: 10_000 });
  while (!watch.ended) await watch.changed({ signal: new AbortController().signal, timeoutMs: 10_000 });
  expect(states.watching).toBe(0);
});

test('a line more in the newest log of OpenEvolve, or a new log, is a change', async () => {
  const dir = await temporaryFolder();
  const signature = async () => (await runSignature(dir)).text;
  await mkdir(join(dir, 'logs'));
  const [old, log] = ['20261120_100000', '20261122_090000'].map((time) => join(dir, 'logs', `openevolve_${time}.log`));
  const seen = [await signature()];
  await writeFile(old!, 'a line\n');
  seen.push(await signature());
  await writeFile(log!, 'a line\n');
  seen.push(await signature());
  await appendFile(log!, 'another\n');
  seen.push(await signature(), await signature());
  expect(new Set(seen).size).toBe(4);
  expect(seen[3]).toBe(seen[4]);
});
