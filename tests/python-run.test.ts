import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { directoryChanges } from '@kai/progress/jsonl';
import { findRuns, type RunState, readManifest, readRunState, watchRun } from '@kai/run-state';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const modules = fileURLToPath(new URL('../packages/progress/python', import.meta.url));

let root: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kai-python-run-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

/** Starts Python code that finds the lines it is sent in `words`. `dir` is where its first run is. */
function startLoop(body: string): { child: ChildProcess; dir: string; ended: Promise<unknown> } {
  const source = `
import sys
from kai_progress import Run, next_run_dir
words = (line.strip() for line in sys.stdin)
${body}`;
  const environment = { ...process.env, PYTHONPATH: modules, PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn('python3', ['-c', source, root], { env: environment, stdio: ['pipe', 'ignore', 'pipe'] });
  children.push(child);
  return { child, dir: join(root, 'search', 'run_0'), ended: once(child, 'exit') };
}

/** The first state of a run for which `holds`. */
async function stateOf(dir: string, holds: (state: RunState) => boolean): Promise<RunState> {
  for await (const state of watchRun(dir)) if (holds(state)) return state;
  throw new Error('The watch ended.');
}

const loop = `
with Run(next_run_dir(sys.argv[1], "search"), max_iterations=9, heartbeat_seconds=0.2) as run:
    for iter, word in enumerate(words):
        if word == "raise": raise ValueError("no such program")
        if word == "start": run.start(iter)
        else: run.append(iter, float(word), program_id=f"p{iter}")`;

const python3 = findPython();
if (python3 === null) console.log('Skipped the runs of kai_progress.py: there is no python3 on this machine.');

describe.skipIf(python3 === null)('a loop in Python that reports with kai_progress.py (needs python3)', () => {
  test('is a run like kai’s own: found, running while it runs, then finished', async () => {
    const { child, dir, ended } = startLoop(loop);
    child.stdin!.write('0.5\nnan\n0.75\nstart\n');
    const running = await stateOf(dir, ({ inFlight }) => inFlight.length === 1);
    expect(running).toMatchObject({
      label: 'search',
      idx: 0,
      status: 'running',
      active: true,
      iteration: 2,
      maxIterations: 9,
      failed: 1,
      initialScore: 0.5,
      best: 0.75,
      bestProgramId: 'p2',
      inFlight: [{ slot: 0, iter: 3, phase: 'evaluating' }],
      problems: [],
    });
    expect((await findRuns(root)).map(({ label, idx }) => [label, idx])).toEqual([['search', 0]]);

    child.stdin!.end();
    await ended;
    expect(await readRunState(dir)).toMatchObject({
      status: 'finished',
      active: false,
      stopReason: 'closed',
      iteration: 2,
      inFlight: [],
      problems: [],
    });
  });

  test('keeps its heartbeat while an iteration takes long', async () => {
    const { child, dir } = startLoop(loop);
    child.stdin!.write('1\nstart\n');
    await stateOf(dir, ({ inFlight }) => inFlight.length === 1);
    const beats = new Set<number | null>();
    for await (const _ of directoryChanges(dir)) {
      const { heartbeatAt, nextHeartbeatBy } = (await readManifest(dir))!;
      expect(nextHeartbeatBy! - heartbeatAt!).toBeCloseTo(0.6, 5);
      if (beats.add(heartbeatAt).size === 4) break;
    }
    expect(await readRunState(dir)).toMatchObject({ status: 'running', active: true });
  });

  test('is interrupted when it is killed', async () => {
    const { child, dir, ended } = startLoop(loop);
    child.stdin!.write('1\n2\n');
    await stateOf(dir, ({ iteration }) => iteration === 1);
    child.kill('SIGKILL');
    await ended;
    expect(await readRunState(dir)).toMatchObject({ status: 'interrupted', active: false, iteration: 1, best: 2 });
  });

  test('is failed with its message when it raises, and stopped after Ctrl-C', async () => {
    const failing = startLoop(loop);
    failing.child.stdin!.end('1\nraise\n');
    await failing.ended;
    expect(await readRunState(failing.dir)).toMatchObject({ status: 'failed', error: 'ValueError: no such program' });

    const stopped = startLoop(loop);
    const dir = join(root, 'search', 'run_1');
    stopped.child.stdin!.write('1\n');
    await stateOf(dir, ({ iteration, best }) => iteration === 0 && best === 1);
    stopped.child.kill('SIGINT');
    await stopped.ended;
    expect(await readRunState(dir)).toMatchObject({ status: 'stopped', stopReason: 'user' });
  });

  test('goes on with a run that was killed, and refuses one that still runs', async () => {
    const { child, dir, ended } = startLoop(loop);
    child.stdin!.write('1\n2\n');
    await stateOf(dir, ({ iteration }) => iteration === 1);
    const { startedAt } = (await readManifest(dir))!;
    const resume = `
with Run(sys.argv[1] + "/search/run_0", resume=True) as run:
    run.append(2, 1.5)`;
    const refused = startLoop(resume);
    let message = '';
    refused.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      message += text;
    });
    await refused.ended;
    expect(message).toContain('on this machine is running it');
    child.kill('SIGKILL');
    await ended;

    await startLoop(resume).ended;
    const state = await readRunState(dir);
    expect(state).toMatchObject({ status: 'finished', iteration: 2, best: 2, maxIterations: 9 });
    expect(state.startedAt).toBe(startedAt);
  });

  test('loses no line of its next process when it is killed in the middle of one', async () => {
    const { child, dir, ended } = startLoop(`
import os
run = Run(next_run_dir(sys.argv[1], "search"))
run.append(0, 1)
os.write(run._fd, b'{"iter":1,"score":9')
run.start(1)
next(words)`);
    await stateOf(dir, ({ inFlight }) => inFlight.length === 1);
    child.kill('SIGKILL');
    await ended;

    await startLoop(`
with Run(sys.argv[1] + "/search/run_0", resume=True) as run:
    run.append(1, 2)`).ended;
    expect(await readRunState(dir)).toMatchObject({
      status: 'finished',
      iteration: 1,
      best: 2,
      problems: [{ file: 'progress.jsonl', line: 2 }],
    });
  });
});

function findPython(): string | null {
  try {
    return execFileSync('python3', ['--version'], { encoding: 'utf8' });
  } catch {
    return null;
  }
}
