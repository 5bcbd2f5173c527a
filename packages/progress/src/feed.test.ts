import { getEventListeners, setMaxListeners } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  encodeProgressLine,
  followProgress,
  type ProgressProblem,
  type ProgressRecord,
  ProgressWriter,
  readProgress,
} from './index.ts';

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

test('a feed as other programs write it is read: BOM, CRLF, blank lines, NaN, bytes that are not UTF-8, missing fields', async () => {
  writeFileSync(
    feed(),
    Buffer.concat([
      Buffer.from(
        '\uFEFF{"iter":0,"score":1,"ts":5}\r\n\r\n \t\n{"iter":1,"score":NaN,"best":Infinity,"loss":-Infinity}\n',
      ),
      Buffer.from('{"iter":2,"score":3,"program_id":"ü€𝄞'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('","model":7}\n{"iter":3,"score":-Infinity,"island":4}\n'),
    ]),
  );
  const problems: ProgressProblem[] = [];
  const none = { programId: null, model: null, ts: 0 };
  expect(await readProgress(dir, { onProblem: (problem) => problems.push(problem) })).toEqual([
    { ...none, iter: 0, score: 1, best: 1, ts: 5 },
    { ...none, iter: 1, score: null, best: 1, extra: { loss: Number.NEGATIVE_INFINITY } },
    { ...none, iter: 2, score: 3, best: 3, programId: 'ü€𝄞\uFFFD\uFFFD', model: '7' },
    { ...none, iter: 3, score: null, best: 3, extra: { island: 4 } },
  ]);
  expect(problems).toEqual([]);
});

test('a line of 10 MB is one record, or one problem', async () => {
  const long = 'x'.repeat(10_000_000);
  writeFileSync(
    feed(),
    `{"iter":0,"score":1,"note":"${long}"}\n${long}\n{"iter":1,"score":2}\n{"iter":2,"note":"${long}`,
  );
  const problems: number[] = [];
  const records = await readProgress(dir, { onProblem: ({ line }) => problems.push(line) });
  expect(records.map(({ iter, extra }) => [iter, (extra?.note as string)?.length])).toEqual([
    [0, 10_000_000],
    [1, undefined],
  ]);
  expect(problems).toEqual([2]);
});

test('any list of records survives writing and reading, and following', async () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0 || 0);
  const text = fc.option(fc.string({ unit: 'binary' }));
  const records = fc.record<ProgressRecord>({
    iter: fc.maxSafeNat(),
    score: fc.option(number),
    best: number,
    programId: text,
    model: text,
    ts: fc.oneof(
      number,
      fc.nat(2_000_000_000_000).map((ms) => ms / 1000),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(records, { maxLength: 20 }), async (given) => {
      rmSync(feed(), { force: true });
      const writer = new ProgressWriter(dir);
      for (const one of given) writer.append(one);
      await writer.close();
      expect(writer.dropped).toBe(0);
      expect(await readProgress(dir)).toEqual(given);
      const followed: ProgressRecord[] = [];
      const controller = new AbortController();
      if (given.length === 0) controller.abort();
      for await (const one of followProgress(dir, { signal: controller.signal })) {
        if (followed.push(one) === given.length) break;
      }
      expect(followed).toEqual(given);
    }),
    { numRuns: 50 },
  );
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

test('a feed cut at any byte and completed later yields each record exactly once', async () => {
  const expected = [record(0), { ...record(1), programId: 'ü€𝄞' }, { ...record(2, null), best: 1 }, record(3)];
  const bytes = Buffer.from(expected.map((one) => `${encodeProgressLine(one)}\n`).join(''));
  for (let cut = 0; cut <= bytes.length; cut++) {
    writeFileSync(feed(), bytes.subarray(0, cut));
    const records = followProgress(dir);
    const seen: ProgressRecord[] = [];
    const whole = bytes.subarray(0, cut).filter((byte) => byte === 0x0a).length;
    for (let i = 0; i < whole; i++) seen.push((await records.next()).value!);
    const next = records.next();
    appendFileSync(feed(), bytes.subarray(cut));
    for (let i = whole; i < 4; i++) seen.push((await (i === whole ? next : records.next())).value!);
    await records.return();
    expect(seen).toEqual(expected);
  }
});

test('a follower waits for a run directory and a feed that do not exist yet', async () => {
  const runDir = join(dir, 'later');
  const records = followProgress(runDir, { pollMs: 2 });
  const next = records.next();
  mkdirSync(runDir);
  const writer = new ProgressWriter(runDir);
  writer.append(record(0));
  await writer.close();
  expect(await next).toEqual({ value: record(0), done: false });
  await records.return();
});

test('a half line followed by a whole one is reported once and costs only itself', async () => {
  const problems: ProgressProblem[] = [];
  writeFileSync(feed(), '{"iter":0,"score":1}\n{"iter":1,"sc');
  const records = followProgress(dir, { onProblem: (problem) => problems.push(problem) });
  expect((await records.next()).value).toMatchObject({ iter: 0 });
  const next = records.next();
  const writer = new ProgressWriter(dir);
  writer.append(record(2));
  expect((await next).value).toMatchObject({ iter: 2 });
  const after = records.next();
  writer.append(record(3));
  expect((await after).value).toMatchObject({ iter: 3 });
  expect(problems).toEqual([{ line: 2, byteOffset: 21, reason: expect.stringMatching(/^not valid JSON/) }]);
  await writer.close();
  await records.return();
});

test('onReset comes before the records of a feed that was replaced, and derived bests start anew', async () => {
  writeFileSync(feed(), '{"iter":0,"score":9}\n');
  const seen: unknown[] = [];
  const records = followProgress(dir, { onReset: () => seen.push('reset') });
  seen.push((await records.next()).value!.best);
  const next = records.next();
  writeFileSync(join(dir, 'new'), '{"iter":0,"score":3}\n{"iter":1,"score":2}\n');
  renameSync(join(dir, 'new'), feed());
  seen.push((await next).value!.best);
  seen.push((await records.next()).value!.best);
  await records.return();
  expect(seen).toEqual([9, 'reset', 3, 3]);
});

test('a feed that is truncated, emptied, or deleted and created again while followed is read anew, after onReset', async () => {
  const line = (iter: number) => `{"iter":${iter},"score":1}\n`;
  writeFileSync(feed(), line(0) + line(1));
  const seen: unknown[] = [];
  const records = followProgress(dir, { onReset: () => seen.push('reset') });
  const take = async (count: number) => {
    for (let i = 0; i < count; i++) seen.push((await records.next()).value!.iter);
  };
  await take(2);

  let next = take(1);
  truncateSync(feed(), line(0).length);
  await next;
  expect(seen).toEqual([0, 1, 'reset', 0]);

  next = take(2);
  writeFileSync(feed(), line(7) + line(8));
  await next;
  expect(seen.slice(4)).toEqual(['reset', 7, 8]);

  next = take(1);
  rmSync(feed());
  writeFileSync(feed(), line(9));
  await next;
  expect(seen.slice(7)).toEqual(['reset', 9]);

  next = take(1);
  rmSync(dir, { recursive: true });
  mkdirSync(dir);
  writeFileSync(feed(), line(5));
  await next;
  expect(seen.slice(9)).toEqual(['reset', 5]);
  await records.return();
});

test('a feed that is deleted while it is followed is forgotten at once', async () => {
  writeFileSync(feed(), '{"iter":0,"score":1}\n');
  const controller = new AbortController();
  const onReset = vi.fn(() => controller.abort());
  const records = followProgress(dir, { onReset, signal: controller.signal });
  await records.next();
  const next = records.next();
  rmSync(feed());
  expect(await next).toEqual({ value: undefined, done: true });
  expect(onReset).toHaveBeenCalledTimes(1);
});

test('a directory that takes the feed’s place while it is followed ends the loop with an error that says so', async () => {
  writeFileSync(feed(), '{"iter":0,"score":1}\n');
  const records = followProgress(dir);
  await records.next();
  const next = records.next();
  rmSync(feed());
  mkdirSync(feed());
  await expect(next).rejects.toMatchObject({ code: 'not-a-file' });
});

test('a missing best is derived in the given direction', async () => {
  writeFileSync(feed(), '{"iter":0,"score":5}\n{"iter":1,"score":null}\n{"iter":2,"score":3}\n{"iter":3,"score":4}\n');
  expect((await readProgress(dir)).map(({ best }) => best)).toEqual([5, 5, 5, 5]);
  expect((await readProgress(dir, { direction: 'minimize' })).map(({ best }) => best)).toEqual([5, 5, 3, 3]);
});

test('a best that is NaN, null or no number is derived like a missing one', async () => {
  writeFileSync(
    feed(),
    '{"iter":0,"score":null,"best":null}\n{"iter":1,"score":1,"best":NaN}\n{"iter":2,"score":2,"best":"x"}\n' +
      '{"iter":3,"score":3,"best":null}\n{"iter":4,"score":0.5}\n{"iter":5,"score":null,"best":null}\n',
  );
  expect((await readProgress(dir)).map(({ best }) => best)).toEqual([null, 1, 2, 3, 3, 3]);
});

test('readProgress rejects with the reason of its signal, aborted before or while it reads', async () => {
  const reason = new Error('enough');
  await expect(readProgress(dir, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  writeFileSync(feed(), 'no record\n{"iter":1,"score":1}\n');
  const controller = new AbortController();
  const onProblem = () => controller.abort(reason);
  await expect(readProgress(dir, { onProblem, signal: controller.signal })).rejects.toBe(reason);
});

test('a follower that is aborted while it waits, or before it starts, ends without an error', async () => {
  const controller = new AbortController();
  const records = followProgress(join(dir, 'none'), { signal: controller.signal });
  const next = records.next();
  controller.abort();
  expect(await next).toEqual({ value: undefined, done: true });
  expect(await followProgress(dir, { signal: controller.signal }).next()).toEqual({ value: undefined, done: true });
});

test('a follower says that a directory stands in the feed’s place', async () => {
  mkdirSync(feed());
  await expect(followProgress(dir).next()).rejects.toMatchObject({ code: 'not-a-file' });
});

test('1,000 followers, left in every way, leave no watcher, listener or descriptor', async () => {
  writeFileSync(feed(), '{"iter":0,"score":5}\n{"iter":1,"score":5}\n');
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const leave = async (way: number) => {
    if (way === 0) {
      for await (const _ of followProgress(dir)) break;
    } else {
      const own = new AbortController();
      const records = followProgress(dir, { signal: way === 1 ? own.signal : controller.signal });
      await records.next();
      await records.next();
      const next = records.next();
      if (way === 1) own.abort();
      else await records.return();
      await next;
    }
  };
  await leave(0);
  const before = await resourcesInUse();
  for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 50 }, (_, j) => leave(j % 3)));
  expect(await resourcesInUse()).toEqual(before);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('any damage to one line loses that line only', async () => {
  const line = (iter: number) => `{"iter":${iter},"score":1,"best":1,"program_id":"p","model":null,"ts":0}`;
  await fc.assert(
    fc.asyncProperty(fc.nat(4), fc.nat(60), fc.uint8Array({ maxLength: 6 }), async (damaged, at, garbage) => {
      const bytes = [0, 1, 2, 3, 4].map((iter) => Buffer.from(line(iter)));
      const noise = Buffer.from(garbage.filter((byte) => byte !== 0x0a));
      bytes[damaged] = Buffer.concat([bytes[damaged]!.subarray(0, at), noise]);
      writeFileSync(feed(), Buffer.concat(bytes.flatMap((one) => [one, Buffer.from('\n')])));
      const problems: number[] = [];
      const records = await readProgress(dir, { onProblem: (problem) => problems.push(problem.line) });
      expect(records.map(({ iter }) => iter).filter((iter) => iter !== damaged)).toEqual(
        [0, 1, 2, 3, 4].filter((iter) => iter !== damaged),
      );
      expect(problems.every((at) => at === damaged + 1)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

/** After two turns of the event loop: a handle counts as active until its close callback ran. */
async function resourcesInUse() {
  await setImmediate();
  await setImmediate();
  return {
    watchers: process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length,
    descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
  };
}
