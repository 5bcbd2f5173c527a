import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from './log-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kai-log-'));
  path = join(folder, 'openevolve_20261122_120000.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const line = (message: string) => `2026-11-22 12:00:00,250 - openevolve.x - INFO - ${message}\n`;
const iteration = (iter: number) => line(`Iteration ${iter}: Program p${iter} (parent: p0) completed in 1.00s`);
const fixture = join(import.meta.dirname, 'fixtures/live/openevolve_output/logs/openevolve_20261122_121000.log');

async function scores(file: LogFile): Promise<unknown[]> {
  await file.read();
  return file.records.map(({ iter, metrics }) => [iter, metrics.combined_score]);
}

test('an iteration counts once its metrics are there', async () => {
  const file = new LogFile(path);
  writeFileSync(path, iteration(1));
  expect(await scores(file)).toEqual([]);
  appendFileSync(path, line('Evaluated program p2 in 0.10s: combined_score=0.9000'));
  expect(await scores(file)).toEqual([]);
  appendFileSync(path, line('Metrics: combined_score=0.5000'));
  expect(await scores(file)).toEqual([[1, 0.5]]);
});

test('an iteration without metrics counts with the next', async () => {
  writeFileSync(path, iteration(1) + iteration(2) + line('Metrics: combined_score=0.5000'));
  expect(await scores(new LogFile(path))).toEqual([
    [1, undefined],
    [2, 0.5],
  ]);
});

test('a log that comes in two parts, cut anywhere, says the same as the whole', async () => {
  const bytes = readFileSync(fixture);
  const whole = new LogFile(fixture);
  await whole.read();
  expect(whole.records).toHaveLength(1);
  for (let cut = 0; cut <= bytes.length; cut++) {
    writeFileSync(path, bytes.subarray(0, cut));
    const file = new LogFile(path);
    await file.read();
    appendFileSync(path, bytes.subarray(cut));
    await file.read();
    expect(file.records).toEqual(whole.records);
    expect(file.lastIteration).toBe(20);
  }
});

test('only what is new is read', async () => {
  const file = new LogFile(path);
  writeFileSync(path, iteration(1) + line('Metrics: combined_score=0.5000') + iteration(2));
  await file.read();
  const before = readFileSync(path);
  before.fill('x', 0, before.length - 64);
  writeFileSync(path, before, { flag: 'r+' });
  appendFileSync(path, line('Metrics: combined_score=0.7500'));
  expect(await scores(file)).toEqual([
    [1, 0.5],
    [2, 0.75],
  ]);
});

test('a log that was truncated is read anew', async () => {
  const file = new LogFile(path);
  writeFileSync(path, iteration(1) + line('Metrics: combined_score=0.5000'));
  await file.read();
  writeFileSync(path, line('Iteration 9 error: x'));
  expect(await scores(file)).toEqual([[9, undefined]]);
});
