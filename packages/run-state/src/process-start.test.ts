import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { fateOfProcess, findProcess, type ProcessMark, processStart } from './process-start.ts';
import { thisSystem } from './system-mark.ts';

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

test('a process that a signal stopped is suspended until it is continued', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const isSuspended = async () => (await findProcess(child.pid!))?.isSuspended;
  expect(await isSuspended()).toBe(false);
  child.kill('SIGSTOP');
  await vi.waitUntil(isSuspended);
  child.kill('SIGCONT');
  await vi.waitUntil(async () => !(await isSuspended()));
  child.kill('SIGKILL');
  await once(child, 'exit');
});

const mark: ProcessMark = {
  pid: 7,
  host: 'here',
  processStartedAt: 1001,
  processStartTicks: 50_000,
  bootId: 'boot-1',
  pidNamespace: 'pid:[1]',
  heartbeatAt: 2000,
};
const unmarked: ProcessMark = { ...mark, processStartTicks: null, bootId: null, pidNamespace: null };
const found = { startedAt: 1000, startTicks: 50_000, isSuspended: false };
const here = {
  thisHost: 'here',
  findProcess: async (pid: number) => (pid === 7 ? found : null),
  system: async () => ({ bootId: 'boot-1', pidNamespace: 'pid:[1]', bootedAt: 500 }),
};

test('a process lives when its pid does and started at the same time', async () => {
  expect(await fateOfProcess(mark, here)).toBe('alive');
  expect(await fateOfProcess({ ...mark, pid: 8 }, here)).toBe('gone');
  expect(await fateOfProcess(unmarked, here)).toBe('alive');
});

test('a pid that another process has by now is a dead process', async () => {
  expect(await fateOfProcess({ ...mark, processStartTicks: 49_999 }, here)).toBe('gone');
  expect(await fateOfProcess({ ...unmarked, processStartedAt: 900 }, here)).toBe('gone');
});

test.each([-3600, -300, 300, 3600])('a clock that is set by %i s leaves a live process alive', async (step) => {
  // The kernel reckons its boot time back from the clock, so the start of a process moves with it; its ticks do not.
  const moved = { ...here, findProcess: async () => ({ ...found, startedAt: found.startedAt + step }) };
  expect(await fateOfProcess(mark, moved)).toBe('alive');
  expect(await fateOfProcess({ ...mark, processStartTicks: 49_999 }, moved)).toBe('gone');
});

test('a suspended process is neither alive nor gone', async () => {
  const suspended = { ...here, findProcess: async () => ({ ...found, isSuspended: true }) };
  expect(await fateOfProcess(mark, suspended)).toBe('suspended');
  expect(await fateOfProcess({ ...mark, processStartTicks: 49_999 }, suspended)).toBe('gone');
});

test('a process from before the last boot is gone; one that writes since then is on a machine of the same name', async () => {
  const rebooted = { ...here, system: async () => ({ bootId: 'boot-2', pidNamespace: 'pid:[1]', bootedAt: 2010 }) };
  expect(await fateOfProcess(mark, rebooted)).toBe('gone');
  expect(await fateOfProcess({ ...mark, heartbeatAt: 2020 }, rebooted)).toBeNull();
});

test('a process on another host, without a pid, or numbered by another container cannot be told', async () => {
  expect(await fateOfProcess({ ...mark, host: 'there' }, here)).toBeNull();
  expect(await fateOfProcess({ ...mark, pid: null }, here)).toBeNull();
  expect(await fateOfProcess({ ...mark, pidNamespace: 'pid:[2]' }, here)).toBeNull();
});

test('a process that the system does not tell about cannot be told', async () => {
  const refused = { ...here, findProcess: async () => Promise.reject(new Error('EMFILE')) };
  expect(await fateOfProcess(mark, refused)).toBeNull();
});

test('this system has one mark', async () => {
  expect(await thisSystem()).toEqual(await thisSystem());
  if (process.platform === 'linux') expect((await thisSystem()).bootId).toMatch(/^[0-9a-f-]{36}$/);
});
