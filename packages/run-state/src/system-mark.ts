import { readFile, readlink } from 'node:fs/promises';

/** What tells the processes of this system from those of others that have the same host name. */
export interface SystemMark {
  /** A name of this boot of the kernel, random and new each time; null where there is none (not Linux). */
  bootId: string | null;
  /** What numbers the processes, e.g. `pid:[4026531836]`: a container has one of its own. Null where there is none. */
  pidNamespace: string | null;
  /** When the kernel started, in Unix seconds by the clock as it is set now; null where that is not known. */
  bootedAt: number | null;
}

/** The marks of the system that this process runs on; they never change while it lives, but for the clock. */
export async function thisSystem(): Promise<SystemMark> {
  if (process.platform !== 'linux') return { bootId: null, pidNamespace: null, bootedAt: null };
  names ??= readNames();
  const stat = await readFile('/proc/stat', 'utf8').catch(() => '');
  const bootedAt = Number(/^btime (\d+)$/m.exec(stat)?.[1]);
  return { ...(await names), bootedAt: Number.isFinite(bootedAt) ? bootedAt : null };
}

let names: Promise<Omit<SystemMark, 'bootedAt'>> | undefined;

async function readNames(): Promise<Omit<SystemMark, 'bootedAt'>> {
  const [bootId, pidNamespace] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
      (id) => id.trim() || null,
      () => null,
    ),
    readlink('/proc/self/ns/pid').catch(() => null),
  ]);
  return { bootId, pidNamespace };
}
