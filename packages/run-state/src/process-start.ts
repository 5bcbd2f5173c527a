import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type SystemMark, thisSystem } from './system-mark.ts';

/** When the live process `pid` started, in Unix seconds; null when no such process lives (a zombie does not). */
export type ProcessStart = (pid: number) => Promise<number | null>;

/** What the system tells of a live process. */
export interface LiveProcess {
  /** Unix seconds. On Linux it follows the system's clock when that is set anew: see `startTicks`. */
  startedAt: number;
  /** Hundredths of a second from the boot to the start, which no clock moves; null where the system does not tell. */
  startTicks: number | null;
  /** Stopped by a signal or a debugger, and not running until continued. */
  isSuspended: boolean;
}

/** Looks for the process `pid`; null when none lives. Rejects when the system does not tell. */
export type FindProcess = (pid: number) => Promise<LiveProcess | null>;

/** Two readings of one process's start differ by less: /proc/stat gives the boot time in whole seconds, ps the start. */
export const processStartToleranceSeconds = 2;

/** Asks /proc on Linux and `ps` elsewhere. */
export const findProcess: FindProcess = async (pid) => {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  try {
    return await (process.platform === 'linux' ? findInProc(pid) : findWithPs(pid));
  } catch (error) {
    if (!exists(pid)) return null;
    throw error;
  }
};

/** When a process started, as `findProcess` tells. */
export const processStart: ProcessStart = async (pid) => (await findProcess(pid))?.startedAt ?? null;

/** Signal 0 reaches a process without disturbing it; of another user's it is only refused. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Kernel ticks per second in /proc: USER_HZ, 100 on every architecture that node runs on. */
const ticksPerSecond = 100;

async function findInProc(pid: number): Promise<LiveProcess | null> {
  const [stat, system] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile('/proc/stat', 'utf8')]);
  // The second field is the command in parentheses and may hold spaces and parentheses itself; see proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], Number(fields[19])];
  const bootTime = Number(/^btime (\d+)$/m.exec(system)?.[1]);
  if (state === 'Z' || state === 'X' || !Number.isFinite(startTicks + bootTime)) return null;
  return { startedAt: bootTime + startTicks / ticksPerSecond, startTicks, isSuspended: state === 'T' || state === 't' };
}

async function findWithPs(pid: number): Promise<LiveProcess | null> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [state = 'Z', ...started] = stdout.trim().split(/\s+/);
  const time = Date.parse(started.join(' '));
  if (state.startsWith('Z') || Number.isNaN(time)) return null;
  return { startedAt: time / 1000, startTicks: null, isSuspended: state.startsWith('T') };
}

/** What run.json says of the process that writes it. */
export interface ProcessMark {
  pid: number | null;
  host: string | null;
  processStartedAt: number | null;
  processStartTicks: number | null;
  bootId: string | null;
  pidNamespace: string | null;
  heartbeatAt: number | null;
}

/** What is known of a run's process; null: that cannot be told from here. */
export type ProcessFate = 'alive' | 'suspended' | 'gone' | null;

export interface LookOptions {
  thisHost: string;
  findProcess: FindProcess;
  /** Default: of the system that this process runs on. */
  system?: () => Promise<SystemMark>;
}

/**
 * What became of the process that wrote a manifest.
 *
 * It cannot be told when it ran on another host, its pid is not known, or its pid means nothing here: another boot or another
 * machine of the same name, a container with process numbers of its own. A live process that started at another time has only
 * the same pid. The starts are compared in ticks since boot where both are known, since setting the clock moves the times.
 */
export async function fateOfProcess(mark: ProcessMark, options: LookOptions): Promise<ProcessFate> {
  const { thisHost, findProcess: find, system = thisSystem } = options;
  if (mark.pid === null || mark.host !== thisHost) return null;
  const here = await system();
  if (differ(mark.bootId, here.bootId)) {
    // This machine after a reboot; or a machine of the same name, which then goes on writing its heartbeat.
    const isBefore = mark.heartbeatAt !== null && here.bootedAt !== null && mark.heartbeatAt < here.bootedAt;
    return isBefore ? 'gone' : null;
  }
  if (differ(mark.pidNamespace, here.pidNamespace)) return null;
  const found = await find(mark.pid).catch(() => undefined);
  if (found === undefined) return null;
  if (found === null || !isSameStart(mark, found, here)) return 'gone';
  return found.isSuspended ? 'suspended' : 'alive';
}

function isSameStart(mark: ProcessMark, found: LiveProcess, here: SystemMark): boolean {
  const isSameBoot = mark.bootId !== null && mark.bootId === here.bootId;
  if (isSameBoot && mark.processStartTicks !== null && found.startTicks !== null) {
    return mark.processStartTicks === found.startTicks;
  }
  if (mark.processStartedAt === null) return true;
  return Math.abs(found.startedAt - mark.processStartedAt) <= processStartToleranceSeconds;
}

/** Whether two marks are both known and not the same. */
function differ(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b;
}
