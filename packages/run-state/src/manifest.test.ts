import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseManifest, type RunManifest, readManifest, writeManifest } from './manifest.ts';
import type { RunProblem } from './run-state.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kai-manifest-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const manifest: RunManifest = {
  version: 1,
  status: 'running',
  stopReason: null,
  error: null,
  label: 'circle-packing',
  idx: 3,
  seed: 42,
  iteration: 17,
  maxIterations: 1000,
  direction: 'maximize',
  evaluatorSha256: 'ab12',
  pid: 4711,
  host: 'box',
  processStartedAt: 1795380000.25,
  processStartTicks: 4711,
  bootId: 'c5c780a3',
  pidNamespace: 'pid:[1]',
  startedAt: 1795380001.5,
  heartbeatAt: 1795380100,
  nextHeartbeatBy: 1795380115,
  endedAt: null,
  inFlight: [{ slot: 0, iter: 18, phase: 'evaluating', since: 1795380099.5 }],
  workers: 2,
};

test('what writeManifest wrote is what readManifest reads', async () => {
  await writeManifest(dir, manifest);
  expect(await readManifest(dir)).toEqual(manifest);
  expect(readdirSync(dir)).toEqual(['run.json']);
});

test('run.json has snake_case names', async () => {
  await writeManifest(dir, manifest);
  expect(Object.keys(JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')))).toEqual([
    'version',
    'status',
    'stop_reason',
    'error',
    'label',
    'idx',
    'seed',
    'iteration',
    'max_iterations',
    'direction',
    'evaluator_sha256',
    'pid',
    'host',
    'process_started_at',
    'process_start_ticks',
    'boot_id',
    'pid_namespace',
    'started_at',
    'heartbeat_at',
    'next_heartbeat_by',
    'ended_at',
    'in_flight',
    'workers',
  ]);
});

test('a missing run.json and a missing directory are no manifest and no problem', async () => {
  const problems: RunProblem[] = [];
  const onProblem = (problem: RunProblem) => problems.push(problem);
  expect(await readManifest(dir, { onProblem })).toBeNull();
  expect(await readManifest(join(dir, 'none'), { onProblem })).toBeNull();
  expect(problems).toEqual([]);
});

test('run.json cut at any byte is a problem, not an error', async () => {
  const whole = JSON.stringify({ status: 'running', label: 'é', pid: 1 });
  const bytes = Buffer.from(whole);
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(join(dir, 'run.json'), bytes.subarray(0, length));
    const problems: RunProblem[] = [];
    expect(await readManifest(dir, { onProblem: (problem) => problems.push(problem) })).toBeNull();
    expect(problems).toEqual([{ file: 'run.json', line: null, reason: 'not valid JSON' }]);
  }
});

test('a directory in the place of run.json is a problem', async () => {
  mkdirSync(join(dir, 'run.json'));
  const problems: RunProblem[] = [];
  expect(await readManifest(dir, { onProblem: (problem) => problems.push(problem) })).toBeNull();
  expect(problems).toHaveLength(1);
});

test('a manifest of another writer needs to be an object and nothing else', () => {
  expect(parseManifest({ status: 'finished', future: 1, in_flight: [{ slot: 'x' }], iteration: 3.7 })).toMatchObject({
    status: 'finished',
    direction: 'maximize',
    inFlight: [],
    iteration: 3,
    pid: null,
  });
  expect(parseManifest({})).toMatchObject({ status: 'running', pid: null });
  expect(() => parseManifest([])).toThrow(/expected an object, got an array/);
});

test('a byte order mark before run.json is no problem', async () => {
  writeFileSync(join(dir, 'run.json'), '\uFEFF{"status": "stopped", "iteration": NaN}');
  expect(await readManifest(dir)).toMatchObject({ status: 'stopped', iteration: 0 });
});

test('kai does not write what is not a manifest, and says which field is wrong', async () => {
  await writeManifest(dir, manifest);
  await expect(writeManifest(dir, { ...manifest, maxIterations: Number.NaN })).rejects.toThrow(/max_iterations/);
  expect(await readManifest(dir)).toEqual(manifest);
});

test('a failed write leaves no temporary file behind', async () => {
  mkdirSync(join(dir, 'run.json'));
  await expect(writeManifest(dir, manifest)).rejects.toThrow();
  expect(readdirSync(dir)).toEqual(['run.json']);
});

test('one bad field costs that field, not the manifest', async () => {
  const fields = {
    status: 'running',
    pid: 7,
    direction: 'minimize',
    iteration: 1e30,
    max_iterations: 1e30,
    in_flight: [{ slot: 1e30, iter: -1, phase: 'evaluating', since: 1 }],
  };
  writeFileSync(join(dir, 'run.json'), JSON.stringify(fields));
  expect(await readManifest(dir)).toMatchObject({
    pid: 7,
    direction: 'minimize',
    iteration: 0,
    maxIterations: null,
    inFlight: [],
  });
});

test('a status that is not known is a problem, and the process decides whether the run lives', async () => {
  writeFileSync(join(dir, 'run.json'), '{"status": "dancing", "pid": 7, "direction": "minimize"}');
  const problems: RunProblem[] = [];
  const onProblem = (problem: RunProblem) => problems.push(problem);
  expect(await readManifest(dir, { onProblem })).toMatchObject({ status: 'running', pid: 7, direction: 'minimize' });
  const reason = 'status is not known ("dancing"); read as running';
  expect(problems).toEqual([{ file: 'run.json', line: null, reason }]);
});
