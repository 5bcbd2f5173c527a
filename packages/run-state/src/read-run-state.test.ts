import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeCheckpoint } from './checkpoints.ts';
import { parseManifest, type RunManifest, readManifest, writeManifest } from './manifest.ts';
import { openRun } from './open-run.ts';
import { findProcess, processStart } from './process-start.ts';
import { readRunState, type WatchRunOptions, watchRun } from './read-run-state.ts';
import type { RunState } from './run-state.ts';
import { parseStoredProgram } from './stored-program.ts';

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'kai-state-')), 'circle', 'run_4');
  mkdirSync(dir, { recursive: true });
});
afterEach(() => rmSync(join(dir, '../..'), { recursive: true, force: true }));

const feed = () => join(dir, 'progress.jsonl');
const line = (iter: number, score: number | null) =>
  `${JSON.stringify({ iter, score, best: null, program_id: `p${iter}`, model: null, ts: 5000 + iter })}\n`;
const program = (id: string, iteration: number, score: number | null, more: object = {}) =>
  parseStoredProgram({ id, iteration_found: iteration, timestamp: 5000 + iteration, metadata: { score }, ...more });

function write(iteration: number, bestProgramId: string | null, programs: ReturnType<typeof program>[]) {
  const rest = {
    islands: [],
    islandFeatureMaps: [],
    archive: [],
    islandBestPrograms: [],
    islandGenerations: [],
    currentIsland: 0,
    lastMigrationGeneration: 0,
    featureStats: {},
    controller: null,
  };
  return writeCheckpoint(dir, { iteration, bestProgramId, programs, ...rest }, { extension: '.js' });
}

test('the state of a run while it runs', async () => {
  await using run = await openRun(dir, { label: 'circle', maxIterations: 10, now: () => 5000 });
  run.append({ iter: 0, score: 1, programId: 'p0' });
  run.append({ iter: 1, score: null, ts: 5001 });
  run.append({ iter: 3, score: 1.5, programId: 'p3', ts: 5003 });
  run.update({ status: 'waiting', inFlight: [{ slot: 0, iter: 4, phase: 'proposing', since: 5003 }] });
  writeFileSync(join(dir, 'usage.jsonl'), '{"cost_usd":0.5}\n{"cost_usd":null}\n');
  const states = watchRun(dir, { now: () => 5010, pollMs: 10 });
  for await (const state of states) if (state.status === 'waiting') break;
  const { trajectory, ...state } = await readRunState(dir, { now: () => 5010 });
  const spent = { calls: 2, failedCalls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0.5, unpricedCalls: 1 };
  expect(state).toEqual({
    dir,
    label: 'circle',
    idx: 4,
    status: 'waiting',
    active: true,
    statusReason: null,
    stopReason: null,
    error: null,
    source: 'feed',
    direction: 'maximize',
    iteration: 3,
    maxIterations: 10,
    initialScore: 1,
    best: 1.5,
    bestProgramId: 'p3',
    failed: 1,
    calls: 2,
    cost: 0.5,
    unpricedCalls: 1,
    usage: { ...spent, models: [{ model: null, ...spent }] },
    inFlight: [{ slot: 0, iter: 4, phase: 'proposing', since: 5003 }],
    startedAt: 5000,
    updatedAt: 5003,
    endedAt: null,
    problems: [],
  });
  expect(trajectory).toMatchObject({ iteration: 3, count: 3, failed: 1, best: 1.5 });
});

test('the state of a run that ended', async () => {
  const run = await openRun(dir, { label: 'circle', direction: 'minimize', now: () => 5000 });
  run.append({ iter: 0, score: 3, programId: 'p0' });
  run.append({ iter: 1, score: 2, programId: 'p1' });
  await run.finish({ status: 'finished', stopReason: 'target_score' });
  expect(await readRunState(dir)).toMatchObject({
    status: 'finished',
    active: false,
    stopReason: 'target_score',
    best: 2,
    bestProgramId: 'p1',
    direction: 'minimize',
    endedAt: 5000,
    inFlight: [],
    cost: null,
  });
});

test('a run whose process is killed is interrupted, and who watches it hears so without a file changing', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const startedAt = await processStart(child.pid!);
  const running = { status: 'running', pid: child.pid, host: hostname(), process_started_at: startedAt };
  await writeManifest(dir, parseManifest({ ...running, started_at: Date.now() / 1000 }));
  const seen: string[] = [];
  for await (const state of watchRun(dir, { pollMs: 20 })) {
    seen.push(state.status);
    if (state.status === 'running') child.kill('SIGKILL');
    else break;
  }
  expect(seen).toEqual(['running', 'interrupted']);
});

/** A real process that has a run here: `run.json` as it would write it. */
async function startRun(): Promise<{ child: ChildProcess; manifest: RunManifest }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  await using _ = await openRun(dir, { label: 'circle', pid: child.pid! });
  const manifest = (await readManifest(dir))!;
  return { child, manifest };
}

test('a run whose process is suspended is stalled, says so, and runs again when the process is continued', async () => {
  const { child, manifest } = await startRun();
  await writeManifest(dir, manifest);
  const seen: (string | null)[][] = [];
  for await (const { status, statusReason, active } of watchRun(dir, { pollMs: 20 })) {
    seen.push([status, statusReason]);
    expect(active).toBe(true);
    if (seen.length === 3) break;
    child.kill(seen.length === 1 ? 'SIGSTOP' : 'SIGCONT');
  }
  child.kill('SIGKILL');
  expect(seen).toEqual([
    ['running', null],
    ['stalled', 'suspended'],
    ['running', null],
  ]);
});

test.each([-600, 600])('a run whose machine’s clock is set by %i s goes on running', async (step) => {
  const { child, manifest } = await startRun();
  await writeManifest(dir, manifest);
  const moved = async (pid: number) => {
    const found = await findProcess(pid);
    return found && { ...found, startedAt: found.startedAt + step };
  };
  const now = () => Date.now() / 1000 + step;
  const inFlight = [{ slot: 0, iter: 0, phase: 'evaluating' as const, since: now() }];
  const heartbeat = { heartbeatAt: now(), nextHeartbeatBy: now() + 15, inFlight };
  await writeManifest(dir, { ...manifest, ...heartbeat });
  expect(await readRunState(dir, { now, findProcess: moved })).toMatchObject({ status: 'running', statusReason: null });
  child.kill('SIGKILL');
});

test('a watcher trusts what it saw itself more than the clock of another host', async () => {
  const manifest = { ...parseManifest({ status: 'running', pid: 1, host: 'elsewhere' }), heartbeatAt: 1000 };
  await writeManifest(dir, { ...manifest, nextHeartbeatBy: 1015 });
  utimesSync(join(dir, 'run.json'), 1000, 1000);
  let steady = 0;
  const steps = [
    // Its clock is an hour behind, but its heartbeat changes: it lives.
    () => writeManifest(dir, { ...manifest, heartbeatAt: 1005, nextHeartbeatBy: 1020 }),
    // And now it does not change any more for longer than it promised.
    () => (steady = 46),
  ];
  const options = { now: () => 4600, steady: () => steady };
  const states = await watch(options, (_, index) => void steps[index]!(), 3);
  expect(states.map(({ status, statusReason }) => [status, statusReason])).toEqual([
    ['interrupted', 'heartbeat_overdue'],
    ['running', null],
    ['interrupted', 'heartbeat_overdue'],
  ]);
});

test('the run of a machine that slept is interrupted for others meanwhile, and runs again once it is back', async () => {
  const manifest = parseManifest({ status: 'running', pid: 1, host: 'laptop', started_at: 4000 });
  await writeManifest(dir, { ...manifest, heartbeatAt: 5000, nextHeartbeatBy: 5015 });
  writeFileSync(feed(), line(0, 1));
  let time = 5001;
  const steps = [
    () => (time = 30_000),
    () => writeManifest(dir, { ...manifest, heartbeatAt: 30_001, nextHeartbeatBy: 30_016, inFlight: [evaluating] }),
  ];
  const evaluating = { slot: 0, iter: 1, phase: 'evaluating' as const, since: 5000 };
  const states = await watch({ now: () => time }, (_, index) => void steps[index]!(), 3);
  expect(states.map(({ status, inFlight }) => [status, inFlight.length])).toEqual([
    ['running', 0],
    ['interrupted', 0],
    ['running', 1],
  ]);
});

test.each([
  ['finished', 'max_iterations'],
  ['finished', 'target_score'],
  ['finished', 'early_stopping'],
  ['finished', 'budget'],
  ['stopped', 'user'],
  ['failed', 'model_errors'],
] as const)('a run that ended as %s says why: %s', async (status, stopReason) => {
  const run = await openRun(dir, { label: 'circle' });
  run.update({ inFlight: [{ slot: 0, iter: 1, phase: 'proposing', since: 5000 }] });
  await run.finish({ status, stopReason, error: status === 'failed' ? 'no reply' : null });
  const error = status === 'failed' ? 'no reply' : null;
  expect(await readRunState(dir)).toMatchObject({ status, stopReason, error, active: false, inFlight: [] });
});

test('the slots in flight are shown while the run is active, stalled too, and not once it was interrupted', async () => {
  const since = Date.now() / 1000;
  const slots = (['proposing', 'waiting', 'evaluating'] as const).map((phase, slot) => ({
    slot,
    iter: slot,
    phase,
    since,
  }));
  const { child, manifest } = await startRun();
  await writeManifest(dir, { ...manifest, inFlight: slots });
  expect((await readRunState(dir)).inFlight).toEqual(slots);
  const suspended = { startedAt: 0, startTicks: manifest.processStartTicks, isSuspended: true };
  const stalled = await readRunState(dir, { findProcess: async () => suspended });
  expect([stalled.status, stalled.inFlight]).toEqual(['stalled', slots]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await readRunState(dir)).toMatchObject({ status: 'interrupted', inFlight: [] });
});

test('a process that ends well while it is being looked at is not interrupted', async () => {
  const manifest = parseManifest({ status: 'running', pid: 7, host: 'box', process_started_at: 100 });
  await writeManifest(dir, manifest);
  const findProcess = async () => {
    await writeManifest(dir, { ...manifest, status: 'finished' });
    return null;
  };
  expect(await readRunState(dir, { host: 'box', findProcess })).toMatchObject({ status: 'finished', problems: [] });
});

test('an empty directory is a run without anything in it', async () => {
  expect(await readRunState(dir, { now: () => Date.now() / 1000 + 61 })).toMatchObject({
    label: 'circle',
    idx: 4,
    status: 'idle',
    source: 'none',
    iteration: 0,
    best: null,
    updatedAt: null,
    problems: [],
  });
});

test('a missing directory is an error that says so', async () => {
  await expect(readRunState(join(dir, 'none'))).rejects.toMatchObject({ code: 'missing' });
  writeFileSync(join(dir, 'file'), '');
  await expect(readRunState(join(dir, 'file'))).rejects.toThrow(/not a directory/);
});

test('a foreign feed is running while it changes and idle 60 s later', async () => {
  writeFileSync(feed(), '{"iter":0,"score":2}\r\n{"iter":1,"score":NaN}\r\n{"iter":2,"score":3}\r\n');
  const now = () => Math.floor(Date.now() / 1000);
  expect(await readRunState(dir, { now })).toMatchObject({ status: 'running', active: true, iteration: 2, best: 3 });
  expect(await readRunState(dir, { now: () => now() + 62 })).toMatchObject({ status: 'idle', active: false });
});

test('the feed is preferred to checkpoints, and checkpoints are the fallback', async () => {
  await write(10, 'c', [program('a', 0, 1), program('c', 8, 5)]);
  expect(await readRunState(dir)).toMatchObject({ source: 'checkpoints', best: 5, iteration: 10 });
  writeFileSync(feed(), line(0, 1) + line(1, 2));
  expect(await readRunState(dir)).toMatchObject({ source: 'feed', best: 2, iteration: 1 });
});

test('the curve of a run without a feed is the union of its checkpoints, by the iteration that found each program', async () => {
  await write(10, 'b', [program('a', 0, 1), program('b', 4, 3), program('f', 6, null), program('b~1', 4, 3)]);
  await write(20, 'd', [program('b', 4, 3), program('d', 15, 7), program('copy', 0, 3, { parent_id: 'b' })]);
  const state = await readRunState(dir);
  expect(state).toMatchObject({
    source: 'checkpoints',
    iteration: 20,
    initialScore: 1,
    best: 7,
    bestProgramId: 'd',
    failed: 1,
    updatedAt: 5015,
    startedAt: 5000,
    cost: null,
  });
  expect(state.trajectory.improvements.map(({ iter, score }) => [iter, score])).toEqual([
    [0, 1],
    [4, 3],
    [15, 7],
  ]);
  expect(state.trajectory.count).toBe(4);
});

test('a best program whose file is gone stands at the step of its checkpoint', async () => {
  await write(10, null, [program('a', 0, 1)]);
  const info = '{"id": "gone", "metrics": {"combined_score": 12}}';
  writeFileSync(join(dir, 'checkpoints/checkpoint_10/best_program_info.json'), info);
  expect(await readRunState(dir)).toMatchObject({ best: 12, bestProgramId: 'gone', iteration: 10 });
});

test('a checkpoint whose metadata is damaged still gives its programs', async () => {
  await write(10, 'a', [program('a', 0, 1)]);
  await write(20, 'b', [program('a', 0, 1), program('b', 15, 7)]);
  writeFileSync(join(dir, 'checkpoints/checkpoint_20/metadata.json'), '{"islands": oops}');
  expect(await readRunState(dir)).toMatchObject({
    best: 7,
    iteration: 15,
    problems: [{ file: 'checkpoints/checkpoint_20/metadata.json', line: null }],
  });
});

test('lines that cannot be read are problems with file and line', async () => {
  writeFileSync(feed(), `${line(0, 1)}oops\n${line(2, 3)}`);
  writeFileSync(join(dir, 'usage.jsonl'), '7\n{"cost_usd":1}\n');
  const state = await readRunState(dir);
  expect(state).toMatchObject({ iteration: 2, calls: 1, cost: 1 });
  expect(state.problems).toMatchObject([
    { file: 'progress.jsonl', line: 2 },
    { file: 'usage.jsonl', line: 1 },
  ]);
});

test('at most 100 problems are kept', async () => {
  writeFileSync(feed(), 'oops\n'.repeat(250) + line(0, 1));
  const { problems, iteration, best } = await readRunState(dir);
  expect([problems.length, iteration, best]).toEqual([100, 0, 1]);
});

test('directories in the place of every file are problems, not errors', async () => {
  for (const name of ['run.json', 'progress.jsonl', 'usage.jsonl']) mkdirSync(join(dir, name));
  writeFileSync(join(dir, 'checkpoints'), '');
  const { problems, source } = await readRunState(dir);
  expect(problems.map(({ file }) => file)).toEqual(['run.json', 'progress.jsonl', 'usage.jsonl']);
  expect(source).toBe('none');
});

test('run.json and the last line of the feed cut at any byte never make the state fail', async () => {
  const run = await openRun(dir, { label: 'circle' });
  run.append({ iter: 0, score: 1 });
  run.append({ iter: 1, score: 2 });
  await run.close();
  const manifest = readFileSync(join(dir, 'run.json'));
  for (let length = 0; length < manifest.length - 2; length += 1) {
    writeFileSync(join(dir, 'run.json'), manifest.subarray(0, length));
    expect(await readRunState(dir)).toMatchObject({ best: 2, status: 'running', problems: [{ file: 'run.json' }] });
  }
  writeFileSync(join(dir, 'run.json'), manifest);
  const lines = readFileSync(feed());
  for (let length = lines.indexOf(10) + 1; length < lines.length; length++) {
    writeFileSync(feed(), lines.subarray(0, length));
    expect(await readRunState(dir)).toMatchObject({ best: 1, iteration: 0, status: 'finished', problems: [] });
  }
});

/** Takes states until `isLast`, running `next` after each. */
async function watch(options: WatchRunOptions, next: (state: RunState, index: number) => void, count: number) {
  const states: RunState[] = [];
  for await (const state of watchRun(dir, { pollMs: 20, ...options })) {
    states.push(state);
    if (states.length === count) break;
    next(state, states.length - 1);
  }
  return states;
}

test('watchRun gives one state at once and one per change', async () => {
  writeFileSync(feed(), line(0, 1));
  const steps = [
    () => appendFileSync(feed(), line(1, 2)),
    () => writeFileSync(join(dir, 'usage.jsonl'), '{"cost_usd":1}\n'),
    () => writeManifest(dir, parseManifest({ status: 'finished', max_iterations: 5 })),
  ];
  const states = await watch({}, (_, index) => steps[index]!(), 4);
  expect(states.map(({ iteration, calls, status }) => [iteration, calls, status])).toEqual([
    [0, 0, 'running'],
    [1, 0, 'running'],
    [1, 1, 'running'],
    [1, 1, 'finished'],
  ]);
});

test('watchRun reads the new bytes alone, of the feed and of the usage', async () => {
  const usage = join(dir, 'usage.jsonl');
  writeFileSync(feed(), line(0, 1) + line(1, 2));
  writeFileSync(usage, '{"cost_usd":1, "model": "a model with a long name, longer than what is compared"}\n');
  const grow = () => {
    // What was read before may have become anything: it is not looked at again.
    for (const path of [feed(), usage]) writeFileSync(path, `x${readFileSync(path, 'utf8').slice(1)}`, { flag: 'r+' });
    appendFileSync(usage, '{"cost_usd":2}\n');
    appendFileSync(feed(), line(2, 3));
  };
  let isGrown = false;
  for await (const { trajectory, calls, best, problems } of watchRun(dir, { pollMs: 20 })) {
    expect(problems).toEqual([]);
    if (!isGrown) grow();
    isGrown = true;
    if (trajectory.count === 3 && calls === 2 && best === 3) break;
  }
});

test('watchRun reads a feed that was replaced from its start, and forgets the problems of the old one', async () => {
  writeFileSync(feed(), `oops\n${line(0, 1)}${line(1, 9)}`);
  const replace = () => {
    writeFileSync(`${feed()}.new`, line(0, 4));
    renameSync(`${feed()}.new`, feed());
  };
  const [before, after] = await watch({}, replace, 2);
  expect(before).toMatchObject({ best: 9, problems: [{ line: 1 }] });
  expect(after).toMatchObject({ best: 4, iteration: 0, problems: [] });
  expect(after!.trajectory.count).toBe(1);
});

test('watchRun sees a feed and then a direction that come later', async () => {
  const steps = [
    () => writeFileSync(feed(), line(0, 5) + line(1, 3)),
    () => writeManifest(dir, parseManifest({ status: 'finished', direction: 'minimize' })),
  ];
  const states = await watch({}, (_, index) => steps[index]!(), 3);
  expect(states.map(({ source, best }) => [source, best])).toEqual([
    ['none', null],
    ['feed', 5],
    ['feed', 3],
  ]);
});

test('watchRun sees new checkpoints of a run without a feed', async () => {
  await write(10, 'a', [program('a', 0, 1)]);
  const states = await watch({}, () => void write(20, 'b', [program('a', 0, 1), program('b', 15, 7)]), 2);
  expect(states.map(({ iteration, best }) => [iteration, best])).toEqual([
    [10, 1],
    [20, 7],
  ]);
});

test('time alone makes a run idle', async () => {
  writeFileSync(feed(), line(0, 1));
  let time = Date.now() / 1000;
  const states = await watch({ now: () => time }, () => (time += 120), 2);
  expect(states.map(({ status }) => status)).toEqual(['running', 'idle']);
});

test('time alone interrupts a run on another host whose heartbeat is overdue', async () => {
  await writeManifest(dir, parseManifest({ status: 'running', host: 'elsewhere', pid: 1, next_heartbeat_by: 5015 }));
  let time = 5000;
  const states = await watch({ now: () => time }, () => (time = 5046), 2);
  expect(states.map(({ status }) => status)).toEqual(['running', 'interrupted']);
});

test('watchRun ends without an error when it is aborted, before, while waiting and while its state is looked at', async () => {
  for await (const _ of watchRun(dir, { signal: AbortSignal.abort() })) expect.unreachable();
  const looking = new AbortController();
  for await (const _ of watchRun(dir, { signal: looking.signal })) looking.abort();
  const waiting = new AbortController();
  const states = watchRun(dir, { signal: waiting.signal, pollMs: 60_000, now: () => 0 });
  await states.next();
  const next = states.next();
  waiting.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});

test('watching and leaving a hundred times leaves no watcher and no descriptor behind', async () => {
  writeFileSync(feed(), line(0, 1));
  const held = () => [
    process.getActiveResourcesInfo().filter((name) => name.startsWith('FSEvent')).length,
    existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0,
  ];
  for await (const _ of watchRun(dir)) break;
  const before = held();
  for (let count = 0; count < 100; count++) for await (const _ of watchRun(dir)) break;
  expect(held()).toEqual(before);
});

test('watchRun waits for a directory that is not there yet', async () => {
  rmSync(dir, { recursive: true });
  const create = () => {
    mkdirSync(dir);
    writeFileSync(feed(), line(0, 1));
  };
  const states = await watch({}, create, 2);
  expect(states.map(({ source }) => source)).toEqual(['none', 'feed']);
});

test('an old run without a feed is idle and shows its checkpoints', async () => {
  await write(10, 'a', [program('a', 0, 1), program('b', 4, 3)]);
  utimesSync(join(dir, 'checkpoints'), 5000, 5000);
  utimesSync(dir, 5000, 5000);
  expect(await readRunState(dir)).toMatchObject({ status: 'idle', source: 'checkpoints', best: 3, updatedAt: 5004 });
});

test.each(['evolution_trace.jsonl', 'programs.jsonl', 'usage.jsonl', 'best'])(
  'a change of %s shows that a run without run.json goes on',
  async (name) => {
    writeFileSync(feed(), line(0, 1));
    writeFileSync(join(dir, name), '');
    for (const path of [feed(), dir]) utimesSync(path, 5000, 5000);
    utimesSync(join(dir, name), 5100, 5100);
    expect((await readRunState(dir, { now: () => 5130 })).status).toBe('running');
  },
);

test('a problem with a whole file is gone when the file can be read again', async () => {
  mkdirSync(feed());
  const problems: number[] = [];
  for await (const state of watchRun(dir, { pollMs: 20 })) {
    problems.push(state.problems.length);
    if (problems.length === 2) break;
    rmSync(feed(), { recursive: true });
    writeFileSync(feed(), line(0, 1));
  }
  expect(problems).toEqual([1, 0]);
});

test('a repeated first iteration that fails leaves the initial score as it was', async () => {
  writeFileSync(feed(), line(0, 1) + line(0, null) + line(0, 3));
  expect((await readRunState(dir)).initialScore).toBe(1);
});

test('readRunState rejects when its signal is aborted, instead of showing half a run', async () => {
  writeFileSync(feed(), line(0, 1));
  await expect(readRunState(dir, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
});

test('return ends watchRun while next waits, and next is done', async () => {
  const states = watchRun(dir, { pollMs: 600_000 });
  await states.next();
  const waiting = states.next();
  expect(await states.return()).toEqual({ done: true, value: undefined });
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('a watched run whose folder is removed and made anew has nothing of the old one', async () => {
  writeFileSync(feed(), `${line(0, 1)}damage\n`);
  for await (const { source, best, problems } of watchRun(dir, { pollMs: 20 })) {
    if (source === 'none') {
      expect([best, problems]).toEqual([null, []]);
      break;
    }
    rmSync(dir, { recursive: true });
    mkdirSync(dir);
  }
});
