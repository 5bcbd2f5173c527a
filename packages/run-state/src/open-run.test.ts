import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProgress } from '@kai/progress';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseManifest, readManifest, writeManifest } from './manifest.ts';
import { type OpenRunOptions, openRun } from './open-run.ts';
import { findProcess, processStart } from './process-start.ts';
import { thisSystem } from './system-mark.ts';

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'kai-open-')), 'circle', 'run_4');
});
afterEach(() => rmSync(join(dir, '../..'), { recursive: true, force: true }));

const options: OpenRunOptions = { label: 'circle', maxIterations: 10, seed: 42, now: () => 5000 };

test('an open run says what it is in run.json', async () => {
  const run = await openRun(dir, { ...options, evaluatorSha256: 'ab', workers: 2, host: 'box' });
  const [self, system] = [(await findProcess(process.pid))!, await thisSystem()];
  expect(await readManifest(dir)).toEqual({
    version: 1,
    status: 'running',
    stopReason: null,
    error: null,
    label: 'circle',
    idx: 4,
    seed: 42,
    iteration: 0,
    maxIterations: 10,
    direction: 'maximize',
    evaluatorSha256: 'ab',
    pid: process.pid,
    host: 'box',
    processStartedAt: self.startedAt,
    processStartTicks: self.startTicks,
    bootId: system.bootId,
    pidNamespace: system.pidNamespace,
    startedAt: 5000,
    heartbeatAt: 5000,
    nextHeartbeatBy: 5015,
    endedAt: null,
    inFlight: [],
    workers: 2,
  });
  await run.close();
});

test('append writes the feed with the best so far', async () => {
  const run = await openRun(dir, options);
  run.append({ iter: 0, score: 1, programId: 'a' });
  run.append({ iter: 2, score: null, model: 'm', ts: 7000 });
  run.append({ iter: 1, score: Number.NaN });
  run.append({ iter: 3, score: 0.5 });
  run.append({ iter: 4, score: 2 });
  await run.finish({ status: 'finished', stopReason: 'max_iterations' });
  expect(await readProgress(dir)).toEqual([
    { iter: 0, score: 1, best: 1, programId: 'a', model: null, ts: 5000 },
    { iter: 2, score: null, best: 1, programId: null, model: 'm', ts: 7000 },
    { iter: 1, score: null, best: 1, programId: null, model: null, ts: 5000 },
    { iter: 3, score: 0.5, best: 1, programId: null, model: null, ts: 5000 },
    { iter: 4, score: 2, best: 2, programId: null, model: null, ts: 5000 },
  ]);
  expect(run.best).toBe(2);
  expect(await readManifest(dir)).toMatchObject({ iteration: 4 });
});

test('a run that minimizes has its lowest score as best', async () => {
  await using run = await openRun(dir, { ...options, direction: 'minimize' });
  run.append({ iter: 0, score: 3 });
  run.append({ iter: 1, score: 2 });
  run.append({ iter: 2, score: 4 });
  expect(run.best).toBe(2);
});

test('finish is the last word', async () => {
  const run = await openRun(dir, options);
  run.update({ inFlight: [{ slot: 0, iter: 1, phase: 'proposing', since: 5000 }] });
  await run.finish({ status: 'failed', stopReason: 'error', error: 'no evaluator' });
  await run.finish({ status: 'finished', stopReason: 'max_iterations' });
  run.update({ iteration: 9 });
  await run.close();
  expect(await readManifest(dir)).toMatchObject({
    status: 'failed',
    stopReason: 'error',
    error: 'no evaluator',
    endedAt: 5000,
    inFlight: [],
    iteration: 0,
  });
});

test('a run that is closed without a word has finished', async () => {
  {
    await using run = await openRun(dir, options);
    run.append({ iter: 0, score: 1 });
  }
  expect(await readManifest(dir)).toMatchObject({ status: 'finished', stopReason: 'closed' });
});

test('a directory that holds a run is refused, unless it is resumed', async () => {
  await (await openRun(dir, options)).close();
  await expect(openRun(dir, options)).rejects.toMatchObject({ code: 'occupied' });
  const resumed = await openRun(dir, { label: 'circle', resume: true, now: () => 9000 });
  expect(await readManifest(dir)).toMatchObject({
    status: 'running',
    stopReason: null,
    seed: 42,
    maxIterations: 10,
    startedAt: 5000,
    heartbeatAt: 9000,
    endedAt: null,
  });
  await resumed.close();
});

test('a feed or a journal without run.json is a run too', async () => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'programs.jsonl'), '{"iter":0,"id":"a"}\n');
  await expect(openRun(dir, options)).rejects.toMatchObject({ code: 'occupied' });
});

test('a directory in the place of the feed costs the feed, not the run', async () => {
  mkdirSync(join(dir, 'progress.jsonl'), { recursive: true });
  const errors: Error[] = [];
  const run = await openRun(dir, { ...options, onError: (error) => errors.push(error) });
  for (let iter = 0; iter < 3; iter++) run.append({ iter, score: iter });
  await run.finish({ status: 'finished', stopReason: 'max_iterations' });
  expect([run.dropped, run.best, errors.length]).toEqual([3, null, 1]);
  expect(await readManifest(dir)).toMatchObject({ status: 'finished', iteration: 2 });
});

test('a directory with other files is taken', async () => {
  mkdirSync(join(dir, 'logs'), { recursive: true });
  writeFileSync(join(dir, 'config.json'), '{}');
  await (await openRun(dir, options)).close();
  expect(readdirSync(dir)).toContain('run.json');
});

test('resume goes on with the best and the iteration of the feed, and seals a torn line', async () => {
  await using first = await openRun(dir, { ...options, direction: 'minimize' });
  first.append({ iter: 0, score: 3 });
  first.append({ iter: 7, score: 2 });
  await first.close();
  const feed = join(dir, 'progress.jsonl');
  writeFileSync(feed, `${readFileSync(feed, 'utf8')}{"iter": 8, "sc`);
  const resumed = await openRun(dir, { ...options, resume: true });
  expect(await readManifest(dir)).toMatchObject({ iteration: 7, direction: 'minimize' });
  resumed.append({ iter: 8, score: 5 });
  await resumed.close();
  expect((await readProgress(dir)).map(({ iter, best }) => [iter, best])).toEqual([
    [0, 3],
    [7, 2],
    [8, 2],
  ]);
});

test('a run that a live process keeps cannot be opened, not even to resume', async () => {
  await using _run = await openRun(dir, options);
  await expect(openRun(dir, { ...options, resume: true })).rejects.toMatchObject({
    code: 'live',
    message: expect.stringContaining(`process ${process.pid} on this machine`),
  });
});

test('a run whose process was killed can be resumed', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  mkdirSync(dir, { recursive: true });
  const startedAt = await processStart(child.pid!);
  const running = { status: 'running', pid: child.pid, host: hostname(), process_started_at: startedAt };
  await writeManifest(dir, parseManifest(running));
  await expect(openRun(dir, { ...options, resume: true })).rejects.toMatchObject({ code: 'live' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await openRun(dir, { ...options, resume: true })).close();
});

test('a run that keeps its heartbeat on another host cannot be resumed until the heartbeat is overdue', async () => {
  mkdirSync(dir, { recursive: true });
  const elsewhere = { status: 'running', pid: 1, host: 'elsewhere', next_heartbeat_by: 5015 };
  await writeManifest(dir, parseManifest(elsewhere));
  await expect(openRun(dir, { ...options, resume: true })).rejects.toThrow(/process 1 on elsewhere/);
  await (await openRun(dir, { ...options, resume: true, now: () => 5046 })).close();
});

test('a label that cannot stand in a path is refused before anything is written', async () => {
  await expect(openRun(dir, { ...options, label: 'a/b' })).rejects.toMatchObject({ code: 'label' });
  await expect(readManifest(dir)).resolves.toBeNull();
});

test('a directory that cannot be made is an error that says so', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'kai-open-')), 'file');
  writeFileSync(file, '');
  await expect(openRun(join(file, 'run'), options)).rejects.toMatchObject({ code: 'io' });
});

test('a directory that disappears does not end the run: faults are counted, each kind reported once', async () => {
  const errors: string[] = [];
  const run = await openRun(dir, { ...options, onError: ({ message }) => errors.push(message) });
  rmSync(dir, { recursive: true });
  for (let iter = 0; iter < 3; iter++) run.append({ iter, score: iter });
  run.update({ status: 'waiting' });
  await run.finish({ status: 'finished', stopReason: 'max_iterations' });
  run.append({ iter: 4, score: 1 });
  expect(run.dropped).toBe(4);
  expect(run.failedWrites).toBeGreaterThanOrEqual(2);
  expect(errors.map((message) => message.replace(/: .*/s, ''))).toEqual([
    expect.stringContaining('progress.jsonl'),
    'Could not write run.json',
  ]);
});

test('a listener that throws does not end the run', async () => {
  const run = await openRun(dir, {
    ...options,
    onError: () => {
      throw new Error('listener');
    },
  });
  rmSync(dir, { recursive: true });
  run.append({ iter: 0, score: 1 });
  await run.finish({ status: 'stopped', stopReason: 'user' });
  expect(run.dropped).toBe(1);
});

test('values that no file can hold are refused and do not spoil what follows', async () => {
  const run = await openRun(dir, options);
  run.append({ iter: 1.5, score: 1 });
  run.append(undefined as never);
  run.update({ iteration: Number.NaN });
  run.update({ iteration: 3, maxIterations: undefined });
  await run.finish({ status: 'finished', stopReason: 'target_score' });
  expect([run.dropped, run.failedWrites]).toEqual([2, 1]);
  expect(await readManifest(dir)).toMatchObject({ status: 'finished', iteration: 3, maxIterations: 10 });
});

test('a run.json that cannot be read is never opened beside the process that may live by it', async () => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'run.json'), '{"status": "runn');
  const expected = { code: 'format', message: expect.stringContaining('not valid JSON') };
  await expect(openRun(dir, { ...options, resume: true })).rejects.toMatchObject(expected);
  await expect(openRun(dir, options)).rejects.toMatchObject(expected);
  expect(readFileSync(join(dir, 'run.json'), 'utf8')).toBe('{"status": "runn');
});

test.each([false, true])(
  'of twenty that open a directory at the same instant one gets it (resume: %s)',
  async (resume) => {
    if (resume) await (await openRun(dir, options)).close();
    const opened = await Promise.allSettled(Array.from({ length: 20 }, () => openRun(dir, { ...options, resume })));
    const runs = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const codes = opened.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect([runs.length, new Set(codes)]).toEqual([1, new Set(['live'])]);
    expect(readdirSync(dir)).toEqual(['run.json']);
    await runs[0]!.close();
  },
);

test('a lock of a process that is gone is removed, one of a live process holds', async () => {
  mkdirSync(dir, { recursive: true });
  const lock = join(dir, 'run.json.lock');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  writeFileSync(lock, JSON.stringify({ pid: child.pid, host: hostname() }));
  await expect(openRun(dir, options)).rejects.toMatchObject({ code: 'live', message: expect.stringContaining(lock) });
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (await openRun(dir, options)).close();
  expect(readdirSync(dir)).toEqual(['run.json']);
});

test('a lock that tells nothing of its process is left behind once it is older than 10 s', async () => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'run.json.lock'), '');
  const at = statSync(join(dir, 'run.json.lock')).mtimeMs / 1000;
  await expect(openRun(dir, { ...options, now: () => at + 9 })).rejects.toMatchObject({ code: 'live' });
  await (await openRun(dir, { ...options, now: () => at + 11 })).close();
});

test('an end that could not be written is written by a later call, as it was said first', async () => {
  const run = await openRun(dir, options);
  rmSync(dir, { recursive: true });
  await run.finish({ status: 'failed', stopReason: undefined as never, error: new Error('no evaluator') as never });
  mkdirSync(dir);
  await run.close();
  expect(await readManifest(dir)).toMatchObject({ status: 'failed', stopReason: null, error: 'no evaluator' });
});

test('a score that did not reach the feed is not the best of it', async () => {
  await using run = await openRun(dir, options);
  run.append({ iter: 0, score: 1 });
  run.append({ iter: -1, score: 9 });
  expect([run.best, run.dropped]).toEqual([1, 1]);
});

test('a last line that lacks nothing but its newline counts when the run is resumed', async () => {
  await (await openRun(dir, options)).close();
  writeFileSync(join(dir, 'progress.jsonl'), '{"iter":0,"score":1}\n{"iter":1,"score":7}');
  await using run = await openRun(dir, { ...options, resume: true });
  run.append({ iter: 2, score: 3 });
  expect(run.best).toBe(7);
  expect((await readProgress(dir)).map(({ iter, best }) => [iter, best])).toEqual([
    [0, 1],
    [1, 7],
    [2, 7],
  ]);
});

test.each([{ idx: 1.5 }, { maxIterations: -1 }, { seed: Number.NaN }])('%j cannot stand in run.json', async (wrong) => {
  await expect(openRun(dir, { ...options, ...wrong })).rejects.toMatchObject({ code: 'format' });
  expect(readdirSync(dir)).toEqual([]);
});

test('a heartbeat that no timer can keep is kept within what one can', async () => {
  const promised: number[] = [];
  for (const heartbeatMs of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
    await using _ = await openRun(dir, { ...options, heartbeatMs, resume: true });
    promised.push((await readManifest(dir))!.nextHeartbeatBy! - 5000);
  }
  expect(promised).toEqual([0.75, 15, expect.closeTo(6442450.941)]);
});

test('what a process killed in a write of run.json left beside it is removed', async () => {
  mkdirSync(dir, { recursive: true });
  for (const name of ['run.json.4711.3.tmp', 'mine.tmp']) writeFileSync(join(dir, name), '{"sta');
  await (await openRun(dir, options)).close();
  expect(readdirSync(dir)).toEqual(['mine.tmp', 'run.json']);
});
