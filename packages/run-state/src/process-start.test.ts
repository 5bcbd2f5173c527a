import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isProcessAlive, processStart } from './process-start.ts';

test('the start time of this process is when it started', async () => {
  const expected = Date.now() / 1000 - process.uptime();
  expect(Math.abs((await processStart(process.pid))! - expected)).toBeLessThan(3);
});

test('a process that ended has no start time', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  expect(await processStart(child.pid!)).not.toBeNull();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await processStart(child.pid!)).toBeNull();
});

test('what is no pid has no start time', async () => {
  expect(await Promise.all([0, -1, 1.5, Number.NaN, 2 ** 30].map(processStart))).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});

const here = { thisHost: 'here', processStart: async (pid: number) => (pid === 7 ? 1000 : null) };

test('a process lives when its pid does and started at the same time', async () => {
  expect(await isProcessAlive({ pid: 7, host: 'here', processStartedAt: 1001 }, here)).toBe(true);
  expect(await isProcessAlive({ pid: 8, host: 'here', processStartedAt: 1001 }, here)).toBe(false);
});

test('a pid that another process has by now is a dead process', async () => {
  expect(await isProcessAlive({ pid: 7, host: 'here', processStartedAt: 900 }, here)).toBe(false);
});

test('a process on another host, or without a pid, cannot be told', async () => {
  expect(await isProcessAlive({ pid: 7, host: 'there', processStartedAt: 1000 }, here)).toBeNull();
  expect(await isProcessAlive({ pid: null, host: 'here', processStartedAt: null }, here)).toBeNull();
});

test('a process that the system does not tell about cannot be told', async () => {
  const processStart = async () => Promise.reject(new Error('EMFILE'));
  expect(
    await isProcessAlive({ pid: 7, host: 'here', processStartedAt: 1000 }, { thisHost: 'here', processStart }),
  ).toBeNull();
});
