import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followProgress, type ProgressProblem, type ProgressRecord, ProgressWriter, readProgress } from './index.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kai-feed-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const feed = () => join(dir, 'progress.jsonl');
const record = (iter: number, score: number | null = iter): ProgressRecord => ({
  iter,
  score,
  best: score,
  programId: `p${iter}`,
  model: null,
  ts: 1000 + iter,
});

test('what the writer wrote is what readProgress reads', async () => {
  const writer = new ProgressWriter(dir);
  writer.append(record(0, null));
  writer.append({ ...record(1), extra: { island: 3 } });
  await writer.close();
  expect(await readProgress(dir)).toEqual([record(0, null), { ...record(1), extra: { island: 3 } }]);
});

test('a missing feed and a missing run directory have no records', async () => {
  expect(await readProgress(dir)).toEqual([]);
  expect(await readProgress(join(dir, 'none'))).toEqual([]);
});

test('a directory in the feed’s place is an error that says so', async () => {
  mkdirSync(feed());
  await expect(readProgress(dir)).rejects.toMatchObject({
    code: 'not-a-file',
    path: feed(),
    message: `Could not read ${feed()}: expected a file, found a directory. Move it away.`,
  });
});

test('unreadable lines are skipped and reported with line, byte offset and reason', async () => {
  writeFileSync(
    feed(),
    '{"iter":0,"score":1}\n\nhalf a li{"iter":1}\r\n{"iter":2}\n{"iter":3,"score":2,"ts":5}\n{"iter":4',
  );
  const problems: ProgressProblem[] = [];
  const records = await readProgress(dir, { onProblem: (problem) => problems.push(problem) });
  expect(records.map(({ iter }) => iter)).toEqual([0, 3]);
  expect(problems).toEqual([
    { line: 3, byteOffset: 22, reason: expect.stringMatching(/^not valid JSON/) },
    { line: 4, byteOffset: 43, reason: expect.stringMatching(/^not a progress record \(score: /) },
  ]);
});

test('followProgress yields what is there, then what comes, and ends on abort', async () => {
  writeFileSync(feed(), '{"iter":0,"score":1}\n{"iter":1,"sc');
  const controller = new AbortController();
  const seen: number[] = [];
  for await (const { iter } of followProgress(dir, { signal: controller.signal })) {
    seen.push(iter);
    if (iter === 0) appendFileSync(feed(), 'ore":2}\n');
    if (iter === 1) appendFileSync(feed(), '{"iter":2,"score":2}\n');
    if (iter === 2) controller.abort();
  }
  expect(seen).toEqual([0, 1, 2]);
});
