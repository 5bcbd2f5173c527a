import { link, readFile, rename, rm, stat } from 'node:fs/promises';
import { parseJson } from '@kai/progress/jsonl';
import { z } from 'zod';
import { RunStateError, reasonOf } from './errors.ts';
import { countOrNull, numberOrNull, textOrNull } from './fields.ts';
import { runPaths } from './paths.ts';
import { type FindProcess, fateOfProcess, type ProcessMark } from './process-start.ts';
import { publishOnce } from './publish-once.ts';

import { recordFormat } from './record-format.ts';
import { temporaryName } from './temporary-name.ts';

export interface OpeningLockOptions {
  /** Unix seconds. */
  now: () => number;
  host: string;
  findProcess: FindProcess;
}

/** A lock of a process that cannot be looked at counts as left behind after so many seconds: opening takes a moment. */
const staleAfterSeconds = 10;

const format = recordFormat(
  'run.json.lock',
  z.object({
    pid: countOrNull,
    host: textOrNull,
    processStartedAt: numberOrNull,
    processStartTicks: countOrNull,
    bootId: textOrNull,
    pidNamespace: textOrNull,
    heartbeatAt: numberOrNull,
  }),
);

/**
 * Runs `open` while no other process opens the run in `dir`: `run.json.lock` stands meanwhile and names the process. One that
 * was left behind (its process is gone; or cannot be looked at, and the file is older than 10 s) is removed.
 *
 * @throws RunStateError `live` when another holds it; `io` when it cannot be written; what `open` throws
 */
export async function whileOpening<T>(
  dir: string,
  holder: ProcessMark,
  options: OpeningLockOptions,
  open: () => Promise<T>,
): Promise<T> {
  const path = `${runPaths(dir).manifest}.lock`;
  try {
    const content = `${JSON.stringify(format.encode(holder))}\n`;
    const isOurs =
      (await publishOnce(path, content)) || ((await removeStale(path, options)) && (await publishOnce(path, content)));
    if (!isOurs) throw live(dir, path);
  } catch (cause) {
    if (cause instanceof RunStateError) throw cause;
    throw new RunStateError('io', `Could not start a run in ${dir}: ${reasonOf(cause)}.`, { path: dir, cause });
  }
  try {
    return await open();
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

function live(dir: string, path: string): RunStateError {
  return new RunStateError(
    'live',
    `Could not open the run in ${dir}: another process is opening it at this moment (it holds ${path}). Look what became ` +
      'of that one, then try again.',
    { path: dir },
  );
}

/** True when the lock is gone. */
async function removeStale(path: string, { now, host, findProcess }: OpeningLockOptions): Promise<boolean> {
  const [content, stats] = await Promise.all([readFile(path, 'utf8').catch(() => null), stat(path).catch(() => null)]);
  if (content === null || stats === null) return true;
  const mark = readMark(content);
  const fate = mark === null ? null : await fateOfProcess(mark, { thisHost: host, findProcess });
  const isStale = fate === 'gone' || (fate === null && now() - stats.mtimeMs / 1000 > staleAfterSeconds);
  if (!isStale) return false;
  // Another may have removed it meanwhile and taken the lock: what is taken away is looked at once more, and put back.
  const taken = temporaryName(path);
  await rename(path, taken).catch(() => undefined);
  const isSame = (await readFile(taken, 'utf8').catch(() => content)) === content;
  if (!isSame) await link(taken, path).catch(() => undefined);
  await rm(taken, { force: true }).catch(() => undefined);
  return isSame;
}

function readMark(content: string): ProcessMark | null {
  try {
    return format.decode(parseJson(content));
  } catch {
    return null;
  }
}
