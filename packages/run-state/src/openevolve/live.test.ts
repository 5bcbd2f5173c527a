import { appendFileSync, cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRunState, watchRun } from '../read-run-state.ts';

let root: string;
let dir: string;
let log: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kai-openevolve-live-'));
  dir = join(root, 'packing', 'openevolve_output');
  log = join(dir, 'logs/openevolve_20261122_120000.log');
  mkdirSync(join(dir, 'logs'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const checkpoints = join(import.meta.dirname, 'fixtures/live/openevolve_output/checkpoints');
const id = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;
const line = (message: string) => `2026-11-22 12:00:00,250 - openevolve.x - INFO - ${message}\n`;
const start =
  line('Adding initial program to database') +
  line(`Evaluated program ${id(1)} in 0.50s: combined_score=0.2500`) +
  line('Starting process-based evolution from iteration 1 for 20 iterations (total: 21)');
const program = (n: number, iter: number) =>
  line(`Iteration ${iter}: Program ${id(n)} (parent: ${id(1)}) completed in 1.00s`);

test('a run is watched live through its log, and checkpoints correct it', async () => {
  writeFileSync(log, start);
  let later = 0;
  const states = watchRun(join(root, 'packing'), { now: () => Date.now() / 1000 + later, pollMs: 50 });
  const next = async () => {
    const { value } = await states.next();
    if (value === undefined) throw new Error('The watch has ended.');
    const { status, iteration, best, failed, trajectory } = value;
    return { status, iteration, best, failed, lastScore: trajectory.samples.at(-1)?.score };
  };
  expect(await next()).toEqual({ status: 'running', iteration: 0, best: 0.25, failed: 0, lastScore: 0.25 });

  const logged = next();
  appendFileSync(log, `${program(4, 6)}2026-11-22 12:00:00,250 - openevolve.x - INFO - Metr`);
  appendFileSync(log, 'ics: combined_score=0.1235\n');
  expect(await logged).toEqual({ status: 'running', iteration: 6, best: 0.25, failed: 0, lastScore: 0.1235 });

  appendFileSync(log, line('Iteration 7 error: No valid diffs found in response'));
  expect(await next()).toEqual({ status: 'running', iteration: 7, best: 0.25, failed: 1, lastScore: 0.1235 });

  // The checkpoint has the whole score of the same program.
  cpSync(checkpoints, join(dir, '.checkpoints'), { recursive: true });
  renameSync(join(dir, '.checkpoints'), join(dir, 'checkpoints'));
  expect(await next()).toEqual({ status: 'running', iteration: 7, best: 0.25, failed: 1, lastScore: 0.123456 });

  later = 62;
  expect(await next()).toEqual({ status: 'idle', iteration: 7, best: 0.25, failed: 1, lastScore: 0.123456 });
  await states.return();
});

test('lines that tell of no iteration make no new value', async () => {
  writeFileSync(log, start);
  const states = watchRun(dir, { pollMs: 50 });
  await states.next();
  const next = states.next();
  appendFileSync(log, program(2, 1));
  for (let n = 0; n < 50; n++) appendFileSync(log, line(`Evaluated program ${id(9)} in 0.10s: combined_score=0.9000`));
  appendFileSync(log, line('Metrics: combined_score=0.5000'));
  expect((await next).value).toMatchObject({ iteration: 1, best: 0.5 });
  await states.return();
});

test('a run is running while its log changes and idle 60 s later, however old its folder is', async () => {
  writeFileSync(log, start);
  for (const path of [join(dir, 'logs'), dir]) utimesSync(path, 5000, 5000);
  utimesSync(log, 9000, 9000);
  expect(await readRunState(dir, { now: () => 9060 })).toMatchObject({
    status: 'running',
    active: true,
    label: 'packing',
  });
  expect(await readRunState(dir, { now: () => 9061 })).toMatchObject({ status: 'idle', active: false });
});

test('a restart goes on in a log of its own', async () => {
  writeFileSync(log, start + program(2, 1) + line('Metrics: combined_score=0.5000'));
  const states = watchRun(dir, { pollMs: 50 });
  expect((await states.next()).value).toMatchObject({ iteration: 1, best: 0.5, maxIterations: 20 });
  const next = states.next();
  writeFileSync(
    join(dir, 'logs/openevolve_20261122_130000.log'),
    line('Resuming from checkpoint at iteration 2') +
      line('Starting process-based evolution from iteration 2 for 30 iterations (total: 32)') +
      program(3, 2) +
      line('Metrics: combined_score=0.7500'),
  );
  expect((await next).value).toMatchObject({ iteration: 2, best: 0.75, maxIterations: 31, initialScore: 0.25 });
  await states.return();
});

test('a log that cannot be read is a problem', async () => {
  mkdirSync(log);
  const { problems, source } = await readRunState(dir);
  expect(problems).toMatchObject([{ file: 'logs/openevolve_20261122_120000.log', line: null }]);
  expect(source).toBe('none');
});

test('a run that begins again in an emptied folder shows nothing of the one before', async () => {
  const shape = join(import.meta.dirname, 'fixtures/present/openevolve_output/checkpoints');
  cpSync(shape, join(dir, 'checkpoints'), { recursive: true });
  writeFileSync(log, start);
  const states = watchRun(dir, { pollMs: 50 });
  expect((await states.next()).value).toMatchObject({ best: 0.75, iteration: 15 });
  for (const path of [join(dir, 'checkpoints'), log]) renameSync(path, join(root, basename(path)));
  writeFileSync(
    join(dir, 'logs/openevolve_20261123_120000.log'),
    start.replaceAll(id(1), id(8)).replace('0.2500', '0.1250'),
  );
  for await (const state of states) {
    expect(state.best).not.toBe(0.25);
    if (state.best === 0.125) break;
  }
  await states.return();
});
