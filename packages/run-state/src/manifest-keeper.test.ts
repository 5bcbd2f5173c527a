import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseManifest, type RunManifest } from './manifest.ts';
import { ManifestKeeper } from './manifest-keeper.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'], now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function keep({ fail = false } = {}) {
  const written: RunManifest[] = [];
  const errors: Error[] = [];
  const keeper = new ManifestKeeper(parseManifest({ status: 'running' }), {
    write: async (manifest) => {
      if (fail) throw new Error('disk full');
      written.push(manifest);
    },
    onError: (error) => errors.push(error),
    now: () => Date.now() / 1000,
    heartbeatMs: 5000,
  });
  return { keeper, written, errors };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

test('a change is written at once, those within the next quarter second together after it', async () => {
  const { keeper, written } = keep();
  for (const iteration of [1, 2, 3]) keeper.change({ iteration });
  await settle();
  expect(written.map(({ iteration }) => iteration)).toEqual([3]);
  keeper.change({ iteration: 4 });
  keeper.change({ iteration: 5 });
  await vi.advanceTimersByTimeAsync(249);
  expect(written).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(written.map(({ iteration }) => iteration)).toEqual([3, 5]);
});

test('a thousand changes a second are four writes a second', async () => {
  const { keeper, written } = keep();
  for (let iteration = 1; iteration <= 1000; iteration++) {
    keeper.change({ iteration });
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(written).toHaveLength(5);
});

test('a change of status does not wait', async () => {
  const { keeper, written } = keep();
  keeper.change({ iteration: 1 });
  await settle();
  keeper.change({ status: 'waiting' });
  await settle();
  keeper.change({ status: 'waiting' });
  await settle();
  expect(written.map(({ status }) => status)).toEqual(['running', 'waiting']);
});

test('the heartbeat goes on by itself and promises the next within three', async () => {
  const { written } = keep();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(written.map(({ heartbeatAt, nextHeartbeatBy }) => [heartbeatAt, nextHeartbeatBy])).toEqual([
    [1005, 1020],
    [1010, 1025],
  ]);
});

test('close writes the last state and nothing comes after it', async () => {
  const { keeper, written } = keep();
  keeper.change({ iteration: 1 });
  await settle();
  keeper.change({ iteration: 2 });
  await keeper.close({ status: 'finished' });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written.map(({ status, iteration }) => [status, iteration])).toEqual([
    ['running', 1],
    ['finished', 2],
  ]);
});

test('failed writes are counted and reported once', async () => {
  const { keeper, errors } = keep({ fail: true });
  await vi.advanceTimersByTimeAsync(10_000);
  const closing = keeper.close({ status: 'failed' });
  await vi.advanceTimersByTimeAsync(1000);
  expect(await closing).toBe(false);
  expect(keeper.failures).toBe(7);
  expect(errors.map(({ message }) => message)).toEqual(['Could not write run.json: disk full. The run goes on.']);
});

test('its timers do not keep a process alive', async () => {
  vi.useRealTimers();
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  const before = timers();
  const { keeper } = keep();
  keeper.change({ iteration: 1 });
  expect(timers()).toBe(before);
  await keeper.close({});
});

test('a last write that fails is tried again until it is written', async () => {
  const written: string[] = [];
  let failures = 2;
  const keeper = new ManifestKeeper(parseManifest({ status: 'running' }), {
    write: async ({ status }) => {
      if (failures-- > 0) throw new Error('disk full');
      written.push(status);
    },
    onError: () => undefined,
    now: () => Date.now() / 1000,
    heartbeatMs: 5000,
  });
  const closing = keeper.close({ status: 'finished' });
  await vi.advanceTimersByTimeAsync(200);
  expect([await closing, written]).toEqual([true, ['finished']]);
});
