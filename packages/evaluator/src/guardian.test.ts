import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { compilePackage } from './fixtures/compiled-package.ts';
import { isAlive, makeTask, program, type Task } from './fixtures/task.ts';

const hostPath = fileURLToPath(new URL('./fixtures/host.mjs', import.meta.url));
let compiled: ReturnType<typeof compilePackage>;

beforeAll(() => {
  compiled = compilePackage();
});

afterAll(() => rmSync(compiled.dir, { recursive: true, force: true }));

/** Starts a process that stands for kai and evaluates two programs of the task. */
function startHost(task: Task) {
  const pidsPath = join(task.dir, 'pids');
  const host = spawn(process.execPath, [hostPath, compiled.index, task.evaluatorPath, task.scratchRoot, pidsPath], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface(host.stdout).on('line', (line) => lines.push(line));
  /** Processes that the evaluations wrote down. */
  const pids = () =>
    existsSync(pidsPath) ? readFileSync(pidsPath, 'utf8').split('\n').filter(Boolean).map(Number) : [];
  onTestFinished(() => {
    // A test that failed leaves evaluations that loop for ever.
    for (const pid of [host.pid as number, ...pids()].filter(isAlive)) process.kill(pid, 'SIGKILL');
  });
  return {
    pids,
    pid: host.pid as number,
    lines,
    exited: once(host, 'exit'),
    guardianPid: () => Number(lines[0]?.match(/^guardian (\d+)/)?.[1]),
  };
}

/** Every process of this machine whose command line names this task, e.g. idle runners. */
function survivors(task: Task): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(task.dir);
      } catch {
        return false;
      }
    });
}

const WITHIN_2_SECONDS = { timeout: 2000, interval: 20 };

test('when kai is killed, evaluations that loop are dead within 2 s, and their children, and the scratch folder', async () => {
  const task = makeTask(`import { execFileSync } from 'node:child_process';
    import { appendFileSync, mkdirSync } from 'node:fs';
    export function evaluate() {
      appendFileSync(process.env.PIDS, process.pid + '\\n');
      try {
        mkdirSync(process.env.PIDS + '.first');
      } catch {
        const child = "require('fs').appendFileSync(process.env.PIDS, process.pid + '\\\\n'); while (true) {}";
        execFileSync(process.execPath, ['-e', child]);
      }
      while (true) {}
    }`);
  const host = startHost(task);
  await vi.waitFor(() => expect(host.pids()).toHaveLength(3), { timeout: 10_000 });
  expect(host.pids().every(isAlive)).toBe(true);

  process.kill(host.pid, 'SIGKILL');

  const processes = [...host.pids(), host.guardianPid()];
  await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]), WITHIN_2_SECONDS);
  expect(readdirSync(task.scratchRoot)).toEqual([]);
  if (existsSync('/proc')) expect(survivors(task)).toEqual([]);
});

test('a guardian that was killed is started again and knows what runs', async () => {
  const task = makeTask(`import { appendFileSync } from 'node:fs';
    export function evaluate() {
      appendFileSync(process.env.PIDS, process.pid + '\\n');
      while (true) {}
    }`);
  const host = startHost(task);
  await vi.waitFor(() => expect(host.pids()).toHaveLength(2), { timeout: 10_000 });

  process.kill(host.guardianPid(), 'SIGKILL');
  await vi.waitFor(() => expect(isAlive(host.guardianPid())).toBe(false));
  // Without /proc nothing tells that the new one is there.
  if (existsSync('/proc')) {
    await vi.waitFor(() => expect(survivors(task).some((pid) => isGuardian(pid, host.guardianPid()))).toBe(true));
  }
  process.kill(host.pid, 'SIGKILL');

  await vi.waitFor(() => expect(host.pids().filter(isAlive)).toEqual([]), WITHIN_2_SECONDS);
});

function isGuardian(pid: string, formerPid: number): boolean {
  return Number(pid) !== formerPid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('guardian.js');
}

test('Ctrl-C in the terminal reaches kai and lets evaluations in flight end', async () => {
  const task = makeTask(`import { appendFileSync, existsSync } from 'node:fs';
    export async function evaluate() {
      appendFileSync(process.env.PIDS, process.pid + '\\n');
      while (!existsSync(process.env.PIDS + '.go')) await new Promise((resolve) => setTimeout(resolve, 5));
      return { combined_score: 1 };
    }`);
  const host = startHost(task);
  await vi.waitFor(() => expect(host.pids()).toHaveLength(2), { timeout: 10_000 });

  process.kill(-host.pid, 'SIGINT');
  await vi.waitFor(() => expect(host.lines).toContain('SIGINT'));
  writeFileSync(join(task.dir, 'pids.go'), '');

  expect(await host.exited).toEqual([0, null]);
  expect(host.lines.at(-1)).toBe('done [{"combined_score":1},{"combined_score":1}]');
  expect([...host.pids(), host.guardianPid()].filter(isAlive)).toEqual([]);
});

/** Node itself never catches SIGHUP, and the guardian does so last. */
function catchesHangup(pid: number): boolean {
  const caught = execFileSync('ps', ['-o', 'caught=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  return (Number.parseInt(caught.slice(-1), 16) & 1) === 1;
}

test('a guardian ignores what kill sends to everything', async () => {
  const evaluator = await makeTask('export const evaluate = () => ({ combined_score: 1 });').open();
  const guardianPid = evaluator.guardianPid as number;
  await vi.waitFor(() => expect(catchesHangup(guardianPid)).toBe(true));

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(guardianPid, signal);
  await evaluator.evaluate(program());

  expect(isAlive(guardianPid)).toBe(true);
  await evaluator.close();
  expect(isAlive(guardianPid)).toBe(false);
});
