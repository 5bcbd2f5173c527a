import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followProgress, type ProgressProblem, readProgress } from '@kai/progress';
import { readManifest, readPrograms, readRunState } from '@kai/run-state';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isRunning, type KaiProcess, makeTask, pidsIn, startKai } from './kai.ts';

// Whole runs in real processes: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let task: string;
let runDir: string;
const started: KaiProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kai-killed-'));
  task = join(folder, 'parabola');
  runDir = join(folder, 'runs', 'parabola', 'run_0');
  makeTask(task);
});
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function kai(...args: string[]): KaiProcess {
  const process = startKai(args, { cwd: folder });
  started.push(process);
  return process;
}

/** Resolves when the feed holds so many records. */
async function feedReaches(count: number): Promise<void> {
  let seen = 0;
  for await (const _ of followProgress(runDir)) if (++seen >= count) return;
}

async function completed(): Promise<number[]> {
  return (await readProgress(runDir)).map(({ iter }) => iter).sort((a, b) => a - b);
}

test('a run that is killed is interrupted, leaves no evaluation behind, and resumes without loss', async () => {
  const { child, ended } = kai('run', task);
  await feedReaches(14);
  // From here on evaluations hang, so that the kill meets one for certain.
  writeFileSync(join(task, 'hang'), '');
  await vi.waitFor(() => expect(pidsIn(task, 'hanging')).not.toEqual([]), { timeout: 60_000, interval: 20 });
  expect(isRunning(pidsIn(task, 'hanging').at(-1)!)).toBe(true);
  child.kill('SIGKILL');
  expect(await ended).toMatchObject({ signal: 'SIGKILL' });

  await vi.waitFor(() => expect(pidsIn(task, 'pids').filter(isRunning)).toEqual([]), { timeout: 2000, interval: 20 });
  const state = await readRunState(runDir);
  expect(state).toMatchObject({ status: 'interrupted', active: false, maxIterations: 40 });
  const done = await completed();
  expect(state.iteration).toBe(done.at(-1));

  rmSync(join(task, 'hang'));
  const resumed = await kai('resume', runDir).ended;
  expect(resumed, resumed.output).toMatchObject({ code: 0 });
  const problems: ProgressProblem[] = [];
  await readProgress(runDir, { onProblem: (problem) => problems.push(problem) });
  expect(problems).toEqual([]);
  expect(await completed()).toEqual(Array.from({ length: 41 }, (_, iter) => iter));
  const journal = [];
  for await (const { iter } of readPrograms(runDir)) journal.push(iter);
  expect(journal.sort((a, b) => a - b)).toEqual(await completed());
  expect(await readRunState(runDir)).toMatchObject({ status: 'finished', stopReason: 'max_iterations', iteration: 40 });
});

test('the same seed gives the same programs and scores in two runs of the command', async () => {
  const findings = (run: string) =>
    readFileSync(join(folder, 'runs', 'parabola', run, 'programs.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => {
        const { iter, id, code, score, model, error } = JSON.parse(line);
        return { iter, id, code, score, model, error };
      });
  for (let repeat = 0; repeat < 2; repeat++) {
    const run = await kai('run', task, '--seed', '5', '--iterations', '25').ended;
    expect(run, run.output).toMatchObject({ code: 0 });
  }
  expect(findings('run_0')).toHaveLength(26);
  expect(findings('run_1')).toEqual(findings('run_0'));
});

test('the first SIGINT lets the evaluation in flight end and writes a last checkpoint; exit code 130', async () => {
  const { child, ended } = kai('run', task);
  await feedReaches(6);
  child.kill('SIGINT');
  const { code, output } = await ended;
  expect(code, output).toBe(130);
  expect(await readManifest(runDir)).toMatchObject({ status: 'stopped', stopReason: 'user', inFlight: [] });
  const done = (await completed()).length - 1;
  expect(readdirSync(join(runDir, 'checkpoints'))).toContain(`checkpoint_${done}`);
  expect(output).toContain('resume');
});

test('the second SIGINT ends a hanging evaluation at once', async () => {
  const { child, ended, printed } = kai('run', task);
  await feedReaches(6);
  writeFileSync(join(task, 'hang'), '');
  await vi.waitFor(() => expect(pidsIn(task, 'hanging')).not.toEqual([]), { timeout: 60_000, interval: 20 });
  child.kill('SIGTERM');
  await printed(/press Ctrl-C again/);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130 });
  expect(pidsIn(task, 'pids').filter(isRunning)).toEqual([]);
  expect(await readManifest(runDir)).toMatchObject({ status: 'stopped', stopReason: 'user' });
});
