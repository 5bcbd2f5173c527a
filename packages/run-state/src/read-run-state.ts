import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { endOnReturn } from '@kai/progress/jsonl';
import { RunStateError, reasonOf } from './errors.ts';
import { runFolderOf } from './openevolve/run-folder.ts';
import { type FindProcess, findProcess as findLiveProcess } from './process-start.ts';
import { placeOf, type RunPlace } from './run-place.ts';
import { RunReader } from './run-reader.ts';
import type { RunState } from './run-state.ts';
import { wakeUps } from './wake-ups.ts';

export interface ReadRunOptions {
  /** What the run is called; default: what its path says. A run from `findRuns` brings its own. */
  place?: RunPlace;
  /** The most samples in the trajectory. Default: that of `TrajectoryBuilder`. */
  maxSamples?: number;
  signal?: AbortSignal;
  /** Unix seconds. */
  now?: () => number;
  host?: string;
  findProcess?: FindProcess;
  /** Seconds on a clock that nobody sets: what a watch measures silence with. Default: `performance.now`. */
  steady?: () => number;
}

export interface WatchRunOptions extends ReadRunOptions {
  /** Between two looks at what no file event tells: the process, the clock, a network disk. Default 1 s. */
  pollMs?: number;
}

/**
 * The state of the run in `runDir`, now: a run directory, or OpenEvolve's `openevolve_output`, its parent, or one
 * `checkpoint_<N>` of it.
 *
 * What cannot be read is in `problems` and never an error: only a missing directory is.
 *
 * @throws RunStateError `missing`; the signal's reason when it aborts
 */
export async function readRunState(runDir: string, options: ReadRunOptions = {}): Promise<RunState> {
  options.signal?.throwIfAborted();
  const dir = resolve(runDir);
  try {
    if (!(await stat(dir)).isDirectory()) throw new Error('not a directory');
  } catch (cause) {
    throw new RunStateError('missing', `Could not read the run ${dir}: ${reasonOf(cause)}.`, { path: dir, cause });
  }
  const reader = openReader(await runFolderOf(dir), options);
  try {
    const { state } = await reader.read(options.signal);
    // What was read until the abort is not the run's state.
    options.signal?.throwIfAborted();
    return state;
  } finally {
    reader.close();
  }
}

/**
 * The states of the run in `runDir`: one at once, then one per change, until `signal` aborts. Then it ends, without an error.
 *
 * Changes that come while the consumer is busy are one value. Time alone may make a change: a process that died, a
 * heartbeat that is overdue. A directory that is not there (yet) is a run without anything in it. `return()` ends the watch
 * even while a `next()` waits.
 */
export function watchRun(runDir: string, options: WatchRunOptions = {}): AsyncGenerator<RunState, void, undefined> {
  return endOnReturn(options.signal, (signal) => statesOf(runDir, options, signal));
}

async function* statesOf(
  runDir: string,
  options: WatchRunOptions,
  signal: AbortSignal,
): AsyncGenerator<RunState, void, undefined> {
  const { pollMs = 1000 } = options;
  const dir = await runFolderOf(resolve(runDir));
  const reader = openReader(dir, options);
  let last: string | null = null;
  try {
    for await (const _ of wakeUps([dir, join(dir, 'logs')], { signal, pollMs })) {
      const { state, signature } = await reader.read(signal);
      if (signal.aborted) return;
      if (signature === last) continue;
      last = signature;
      yield state;
    }
  } finally {
    reader.close();
  }
}

/** A reader of the run in `dir`, with what the options leave open filled in. */
export function openReader(
  dir: string,
  {
    place,
    maxSamples,
    now = () => Date.now() / 1000,
    host = hostname(),
    findProcess = findLiveProcess,
    steady = () => performance.now() / 1000,
  }: ReadRunOptions,
): RunReader {
  const { label, idx } = place ?? placeOf(dir);
  return new RunReader(dir, { place: { label, idx }, maxSamples, now, host, findProcess, steady });
}
