import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** When the live process `pid` started, in Unix seconds; null when no such process lives (a zombie does not). */
export type ProcessStart = (pid: number) => Promise<number | null>;

/** Two readings of one process's start differ by less: /proc/stat gives the boot time in whole seconds, ps the start. */
export const processStartToleranceSeconds = 2;

/** Asks /proc on Linux and `ps` elsewhere. Rejects when the system does not tell. */
export const processStart: ProcessStart = async (pid) => {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  try {
    return await (process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid));
  } catch (error) {
    if (!exists(pid)) return null;
    throw error;
  }
};

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

async function startFromProc(pid: number): Promise<number | null> {
  const [stat, system] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile('/proc/stat', 'utf8')]);
  // The second field is the command in parentheses and may hold spaces and parentheses itself; see proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], Number(fields[19])];
  const bootTime = Number(/^btime (\d+)$/m.exec(system)?.[1]);
  if (state === 'Z' || state === 'X' || !Number.isFinite(startTicks + bootTime)) return null;
  return bootTime + startTicks / ticksPerSecond;
}

async function startFromPs(pid: number): Promise<number | null> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [state = 'Z', ...started] = stdout.trim().split(/\s+/);
  const time = Date.parse(started.join(' '));
  return state.startsWith('Z') || Number.isNaN(time) ? null : time / 1000;
}

/**
 * Whether the process that wrote a manifest lives; null when that cannot be told: it ran on another host, its pid is not
 * known, or this system does not tell. A live process that started at another time has only the same pid.
 */
export async function isProcessAlive(
  { pid, host, processStartedAt }: { pid: number | null; host: string | null; processStartedAt: number | null },
  { thisHost, processStart }: { thisHost: string; processStart: ProcessStart },
): Promise<boolean | null> {
  if (pid === null || host !== thisHost) return null;
  const startedAt = await processStart(pid).catch(() => undefined);
  if (startedAt === undefined) return null;
  if (startedAt === null) return false;
  return processStartedAt === null || Math.abs(startedAt - processStartedAt) <= processStartToleranceSeconds;
}
