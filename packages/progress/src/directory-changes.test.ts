import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { directoryChanges } from './jsonl.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kai-changes-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const told = { value: undefined, done: false };
const over = { value: undefined, done: true };
const never = 3_600_000;

test('yields once at once, then after a file is written, renamed or removed', async () => {
  const changes = directoryChanges(dir, { pollMs: never });
  expect(await changes.next()).toEqual(told);
  for (const change of [
    () => writeFileSync(join(dir, 'a'), 'a'),
    () => renameSync(join(dir, 'a'), join(dir, 'b')),
    () => rmSync(join(dir, 'b')),
  ]) {
    const next = changes.next();
    change();
    expect(await next).toEqual(told);
  }
  await changes.return();
});

test('what changes while the consumer is busy is told when it asks again', async () => {
  const changes = directoryChanges(dir, { pollMs: never });
  await changes.next();
  writeFileSync(join(dir, 'a'), 'a');
  expect(await changes.next()).toEqual(told);
  await changes.return();
});

test('the poll alone sees changes where there are no file events', async () => {
  const link = join(dir, 'missing');
  const changes = directoryChanges(link, { pollMs: 2 });
  await changes.next();
  mkdirSync(link);
  expect(await changes.next()).toEqual(told);
  await changes.return();
});

test('a directory that is deleted and made again is watched again', async () => {
  const inner = join(dir, 'inner');
  mkdirSync(inner);
  const changes = directoryChanges(inner, { pollMs: 2 });
  await changes.next();
  rmSync(inner, { recursive: true });
  await changes.next();
  mkdirSync(inner);
  await changes.next();
  const next = changes.next();
  writeFileSync(join(inner, 'a'), 'a');
  expect(await next).toEqual(told);
  await changes.return();
});

test('an abort ends it while it waits, without an error', async () => {
  const controller = new AbortController();
  const changes = directoryChanges(dir, { signal: controller.signal, pollMs: never });
  await changes.next();
  const next = changes.next();
  controller.abort();
  expect(await next).toEqual(over);
  expect(await directoryChanges(dir, { signal: controller.signal }).next()).toEqual(over);
});

test('return() ends it while a next() is waiting', async () => {
  const changes = directoryChanges(dir, { pollMs: never });
  await changes.next();
  const next = changes.next();
  expect(await changes.return()).toEqual(over);
  expect(await next).toEqual(over);
});

test('1,000 watches, opened and aborted, leave no watcher, timer or descriptor', async () => {
  const open = async (directory: string) => {
    const controller = new AbortController();
    const changes = directoryChanges(directory, { signal: controller.signal, pollMs: never });
    await changes.next();
    const next = changes.next();
    controller.abort();
    await next;
  };
  await open(dir);
  const before = await resourcesInUse();
  for (let i = 0; i < 10; i++) {
    await Promise.all(Array.from({ length: 100 }, (_, j) => open(j % 2 === 0 ? dir : join(dir, 'missing'))));
  }
  const after = await resourcesInUse();
  expect(after.watchers).toBe(before.watchers);
  expect(after.descriptors).toBe(before.descriptors);
  expect(after.timers - before.timers).toBeLessThan(10);
});

/** After two turns of the event loop: a handle counts as active until its close callback ran. The test runner has timers too. */
async function resourcesInUse() {
  await setImmediate();
  await setImmediate();
  const active = process.getActiveResourcesInfo();
  return {
    watchers: active.filter((name) => name === 'FSEventWrap').length,
    timers: active.filter((name) => name === 'Timeout').length,
    descriptors: process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0,
  };
}
