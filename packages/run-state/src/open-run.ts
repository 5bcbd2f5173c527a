import { constants, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { ProgressWriter } from '@kai/progress';
import { listCheckpoints } from './checkpoints.ts';
import { RunStateError, reasonOf } from './errors.ts';
import { FeedReader } from './feed-reader.ts';
import { requireLabel } from './label.ts';
import {
  encodeManifest,
  manifestVersion,
  type RunManifest,
  readManifest,
  writeFirstManifest,
  writeManifest,
} from './manifest.ts';
import { ManifestKeeper } from './manifest-keeper.ts';
import { whileOpening } from './opening-lock.ts';
import { runPaths } from './paths.ts';
import { type FindProcess, fateOfProcess, findProcess as findLiveProcess, type ProcessMark } from './process-start.ts';
import { idxOf } from './run-place.ts';
import type { Direction, InFlight, RunProblem } from './run-state.ts';
import { heartbeatMarginSeconds } from './status.ts';
import { thisSystem } from './system-mark.ts';

export interface OpenRunOptions {
  label: string;
  /** Default: the number of a folder named `run_<idx>`, else 0. */
  idx?: number;
  maxIterations?: number | null;
  direction?: Direction;
  seed?: number | null;
  evaluatorSha256?: string | null;
  /** Parallel evaluations, for display. */
  workers?: number | null;
  /** Continue the run that the directory holds. Without it a directory that holds one is refused. */
  resume?: boolean;
  /** Called once per kind of fault (the feed, run.json): the run goes on without it. */
  onError?: (error: Error) => void;
  /** Default 5 s, at least 250 ms; the manifest promises the next one within three of them. */
  heartbeatMs?: number;
  /** Unix seconds. */
  now?: () => number;
  pid?: number;
  host?: string;
  findProcess?: FindProcess;
}

export interface AppendedIteration {
  iter: number;
  /** Null: nothing that could be scored. */
  score: number | null;
  programId?: string | null;
  model?: string | null;
  /** Unix seconds; default now. */
  ts?: number;
}

export interface RunChange {
  iteration?: number;
  inFlight?: InFlight[];
  status?: 'running' | 'waiting';
  maxIterations?: number | null;
  workers?: number | null;
}

export interface RunEnd {
  status: 'finished' | 'stopped' | 'failed';
  /** e.g. `max_iterations`, `target_score`, `user`. */
  stopReason: string | null;
  error?: string | null;
}

/** A run that this process keeps. Nothing in it throws once the run is open. */
export interface RunHandle {
  readonly dir: string;
  readonly label: string;
  readonly idx: number;
  /** Best score of the feed so far, in the run's direction. */
  readonly best: number | null;
  /** Lines that did not reach the feed. */
  readonly dropped: number;
  /** Writes of run.json that failed. */
  readonly failedWrites: number;
  /** Appends one completed iteration to the feed; the handle adds `best`. Never throws. */
  append(iteration: AppendedIteration): void;
  /** Changes what run.json says, at most 4 times a second, at once when `status` changes. */
  update(change: RunChange): void;
  /**
   * Ends the run: the last write of run.json, tried again for about a second where it fails. Later calls change nothing; they
   * write what the first one said where that has not been possible so far.
   */
  finish(end: RunEnd): Promise<void>;
  /** Ends the run as finished with stop reason `closed`, unless `finish` did before. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a run in `runDir` (made if needed) and says in run.json that it is running, until `finish` or `close`.
 *
 * A process that ends without either leaves a run that readers call interrupted. On resume the start time and what the
 * options leave open (limit, direction, seed, evaluator) come from the run that is there, and `best` from its feed.
 *
 * Of several processes that open one directory at the same instant one gets the run.
 *
 * @throws RunStateError `label`; `live` when a process already runs in the directory or is opening it; `occupied` when it holds
 * a run and `resume` is not set; `format` when there is a run.json that cannot be read (a process may be living by it), or an
 * option cannot stand in one; `io` when the directory or run.json cannot be written
 */
export async function openRun(runDir: string, options: OpenRunOptions): Promise<RunHandle> {
  const {
    label,
    resume = false,
    onError,
    now = () => Date.now() / 1000,
    pid = process.pid,
    host = hostname(),
    findProcess = findLiveProcess,
  } = options;
  const heartbeatMs = heartbeatOf(options.heartbeatMs);
  requireLabel(label);
  const dir = resolve(runDir);
  await makeDirectory(dir);
  const [self, system] = await Promise.all([findProcess(pid).catch(() => null), thisSystem()]);
  const mark: ProcessMark = {
    pid,
    host,
    processStartedAt: self?.startedAt ?? null,
    processStartTicks: self?.startTicks ?? null,
    bootId: system.bootId,
    pidNamespace: system.pidNamespace,
    heartbeatAt: now(),
  };
  return await whileOpening(dir, mark, { now, host, findProcess }, async () => {
    const before = await readManifestBefore(dir);
    if (before !== null) await refuseLive(dir, before, { now: now(), host, findProcess });
    if (!resume && (before !== null || (await holdsRun(dir)))) throw occupied(dir);
    await removeLeftovers(dir);
    const direction = options.direction ?? before?.direction ?? 'maximize';
    const feed = new FeedReader(dir, { direction });
    if (resume) {
      await sealFeed(dir);
      await feed.read();
    }
    feed.close();
    const { iteration, best } = feed.trajectory();
    const manifest: RunManifest = {
      version: manifestVersion,
      status: 'running',
      stopReason: null,
      error: null,
      label,
      idx: options.idx ?? idxOf(basename(dir)) ?? 0,
      seed: options.seed ?? before?.seed ?? null,
      iteration,
      maxIterations: options.maxIterations === undefined ? (before?.maxIterations ?? null) : options.maxIterations,
      direction,
      evaluatorSha256: options.evaluatorSha256 ?? before?.evaluatorSha256 ?? null,
      ...mark,
      startedAt: before?.startedAt ?? now(),
      nextHeartbeatBy: now() + (3 * heartbeatMs) / 1000,
      endedAt: null,
      inFlight: [],
      workers: options.workers ?? null,
    };
    try {
      if (before !== null) await writeManifest(dir, manifest);
      else if (!(await writeFirstManifest(dir, manifest))) throw occupied(dir);
    } catch (cause) {
      if (cause instanceof RunStateError) throw cause;
      throw new RunStateError('io', `Could not start a run in ${dir}: ${reasonOf(cause)}.`, { path: dir, cause });
    }
    return new OpenRun(dir, manifest, { best, now, heartbeatMs, onError: safely(onError) });
  });
}

interface OpenRunState {
  best: number | null;
  now: () => number;
  heartbeatMs: number;
  onError: (error: Error) => void;
}

class OpenRun implements RunHandle {
  readonly dir: string;
  readonly label: string;
  readonly idx: number;
  best: number | null;
  readonly #direction: Direction;
  readonly #now: () => number;
  readonly #feed: ProgressWriter;
  readonly #keeper: ManifestKeeper;
  /** How the run ends, once it was told to. */
  #end: Partial<RunManifest> | null = null;
  #ending: Promise<void> | null = null;
  readonly #onError: (error: Error) => void;
  /** Appends that the feed never saw. */
  #unwritten = 0;
  /** Changes that cannot stand in run.json. */
  #refused = 0;

  constructor(dir: string, manifest: RunManifest, { best, now, heartbeatMs, onError }: OpenRunState) {
    this.dir = dir;
    this.label = manifest.label;
    this.idx = manifest.idx;
    this.best = best;
    this.#direction = manifest.direction;
    this.#now = now;
    this.#onError = onError;
    this.#feed = new ProgressWriter(dir, { onError: (error) => onError(error as Error) });
    this.#keeper = new ManifestKeeper(manifest, {
      write: (latest) => writeManifest(dir, latest),
      onError,
      now,
      heartbeatMs,
    });
  }

  get dropped(): number {
    return this.#feed.dropped + this.#unwritten;
  }

  get failedWrites(): number {
    return this.#keeper.failures + this.#refused;
  }

  append(iteration: AppendedIteration): void {
    try {
      this.#append(iteration);
    } catch (error) {
      // Only a caller outside the types gets here, e.g. with no argument. That is no reason to end its run either.
      if (this.#unwritten++ === 0) this.#onError(error as Error);
    }
  }

  update(change: RunChange): void {
    if (this.#end !== null) return;
    try {
      // What cannot be written must not stay in the manifest: every later write would fail with it.
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      encodeManifest({ ...this.#keeper.manifest, ...given });
      this.#keeper.change(given);
    } catch (error) {
      if (this.#refused++ === 0) this.#onError(error as Error);
    }
  }

  finish(end: RunEnd): Promise<void> {
    this.#end ??= { ...endOf(end), endedAt: this.#now(), inFlight: [] };
    this.#ending ??= this.#writeEnd(this.#end);
    return this.#ending;
  }

  close(): Promise<void> {
    return this.finish({ status: 'finished', stopReason: 'closed' });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #append({ iter, score, programId = null, model = null, ts = this.#now() }: AppendedIteration): void {
    if (this.#end !== null) {
      this.#unwritten++;
      return;
    }
    const finite = score !== null && Number.isFinite(score) ? score : null;
    const best = finite !== null && (this.best === null || this.#isBetter(finite, this.best)) ? finite : this.best;
    const { dropped } = this.#feed;
    this.#feed.append({ iter, score: finite, best, programId, model, ts });
    if (this.#feed.dropped === dropped) this.best = best;
    if (Number.isSafeInteger(iter) && iter > this.#keeper.manifest.iteration) this.#keeper.change({ iteration: iter });
  }

  async #writeEnd(end: Partial<RunManifest>): Promise<void> {
    const isWritten = await this.#keeper.close(end);
    await this.#feed.close();
    // The next call tries again.
    if (!isWritten) this.#ending = null;
  }

  #isBetter(score: number, than: number): boolean {
    return this.#direction === 'minimize' ? score < than : score > than;
  }
}

/** What is written of an end, also of one that a caller outside the types leaves open. */
function endOf({ status, stopReason, error }: RunEnd): Pick<RunManifest, 'status' | 'stopReason' | 'error'> {
  return { status, stopReason: stopReason ?? null, error: error == null ? null : reasonOf(error) };
}

/** Of setInterval: more would be none. */
const maxTimerMs = 2 ** 31 - 1;

function heartbeatOf(milliseconds = 5000): number {
  return Number.isNaN(milliseconds) ? 5000 : Math.min(Math.max(milliseconds, 250), maxTimerMs);
}

/** The run.json that is there; null when there is none. @throws RunStateError `format` */
async function readManifestBefore(dir: string): Promise<RunManifest | null> {
  const problems: RunProblem[] = [];
  const manifest = await readManifest(dir, { onProblem: (problem) => problems.push(problem) });
  if (manifest !== null || problems.length === 0) return manifest;
  throw new RunStateError(
    'format',
    `Could not open the run in ${dir}: its run.json cannot be read (${problems[0]!.reason}), so that it cannot be told ` +
      'whether a process keeps it. Repair run.json or move it away.',
    { path: runPaths(dir).manifest },
  );
}

function occupied(dir: string): RunStateError {
  return new RunStateError(
    'occupied',
    `Could not start a run in ${dir}: it already holds one. Resume it, or choose another directory.`,
    { path: dir },
  );
}

/** What processes that were killed in a write of run.json have left beside it. None lives, so that none is being written. */
async function removeLeftovers(dir: string): Promise<void> {
  const names = await readdir(dir).catch(() => []);
  const leftovers = names.filter((name) => /^run\.json\.\d+\.\d+\.tmp$/.test(name));
  await Promise.all(leftovers.map((name) => rm(join(dir, name), { force: true }).catch(() => undefined)));
}

/**
 * Ends the last line of the feed where a crash left it without its newline. Done before the feed is read: if the line is whole
 * but for that, it counts. A feed that cannot be written costs the feed, not the run.
 */
async function sealFeed(dir: string): Promise<void> {
  try {
    await using file = await open(runPaths(dir).feed, constants.O_RDWR | constants.O_APPEND);
    const stats = await file.stat();
    if (!stats.isFile() || stats.size === 0) return;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, stats.size - 1);
    if (buffer[0] !== 0x0a) await file.write('\n');
  } catch {
    // The first append says it.
  }
}

async function makeDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
  } catch (cause) {
    throw new RunStateError('io', `Could not make the run directory ${dir}: ${reasonOf(cause)}.`, { path: dir, cause });
  }
}

/** Whether there is anything of a run to lose. */
async function holdsRun(dir: string): Promise<boolean> {
  const { manifest, feed, journal } = runPaths(dir);
  const hasContent = async (path: string) => {
    const stats = await stat(path).catch(() => null);
    return stats?.isFile() === true && stats.size > 0;
  };
  const filled = await Promise.all([manifest, feed, journal].map(hasContent));
  return filled.includes(true) || (await listCheckpoints(dir)).length > 0;
}

async function refuseLive(
  dir: string,
  manifest: RunManifest,
  { now, host, findProcess }: { now: number; host: string; findProcess: FindProcess },
): Promise<void> {
  if (manifest.status !== 'running' && manifest.status !== 'waiting') return;
  const fate = await fateOfProcess(manifest, { thisHost: host, findProcess });
  const promisedUntil = (manifest.nextHeartbeatBy ?? Number.NEGATIVE_INFINITY) + heartbeatMarginSeconds;
  if (fate === 'gone' || (fate === null && now > promisedUntil)) return;
  const where = manifest.host === host ? 'on this machine' : `on ${manifest.host}`;
  const what = `Could not open the run in ${dir}: process ${manifest.pid} ${where}`;
  const message =
    fate === null
      ? `${what} ran it a moment ago and cannot be seen from here. Stop it first; if it is gone, try again in ` +
        `${Math.ceil(promisedUntil - now)} s.`
      : `${what} is running it${fate === 'suspended' ? ' and is suspended' : ''}. Stop that one first.`;
  throw new RunStateError('live', message, { path: dir });
}

function safely(onError: ((error: Error) => void) | undefined): (error: Error) => void {
  return (error) => {
    try {
      onError?.(error);
    } catch {
      // A listener that fails is as little a reason to end the run as a file that cannot be written.
    }
  };
}
