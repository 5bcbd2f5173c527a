import { type FoundRun, type ReadRunOptions, type RunState, readManifest, readRunState } from '@kai/run-state';
import { runSignature } from './run-signature.ts';
import { RunWatch } from './run-watch.ts';

export interface RunStatesOptions extends Pick<ReadRunOptions, 'now'> {
  pollMs?: number;
  /** Milliseconds that a watch outlives its last use: longer than the gap between two polls of a page. Default 15,000. */
  lingerMs?: number;
}

interface Watched {
  watch: RunWatch;
  users: number;
  timer: NodeJS.Timeout | undefined;
  /** Of the run's files when a request last waited for the watch. */
  signature: string;
}

/** States of runs that ended, kept whole: about half a megabyte each. */
const maxKept = 16;

/**
 * The states of runs as requests need them. An active run is watched while anyone asks, so that its files are never read
 * from the start again; the state of any other is kept until one of its files changes.
 */
export class RunStates {
  readonly #options: RunStatesOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #kept = new Map<string, { signature: string; state: Promise<RunState> }>();
  #closed = false;

  constructor(options: RunStatesOptions = {}) {
    this.#options = options;
  }

  /** Runs that are watched at the moment. */
  get watching(): number {
    return this.#watched.size;
  }

  /** @throws RunStateError `missing` when the directory is gone */
  async current(run: FoundRun): Promise<RunState> {
    const watched = this.#liveWatch(run.dir);
    if (watched !== undefined) {
      this.#linger(run.dir, watched);
      return caughtUp(run, watched);
    }
    const state = await this.#read(run);
    if (!state.active || this.#closed) return state;
    this.#linger(run.dir, this.#watch(run));
    return state;
  }

  /** A watch of the run, shared with all who ask; `release` when done. */
  use(run: FoundRun): { watch: RunWatch; release: () => void } {
    const watched = this.#liveWatch(run.dir) ?? this.#watch(run);
    clearTimeout(watched.timer);
    watched.users++;
    let isReleased = false;
    const release = () => {
      if (isReleased) return;
      isReleased = true;
      watched.users--;
      this.#linger(run.dir, watched);
    };
    return { watch: watched.watch, release };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#watched.values()];
    this.#watched.clear();
    this.#kept.clear();
    for (const { timer } of all) clearTimeout(timer);
    await Promise.all(all.map(({ watch }) => watch.close()));
  }

  #liveWatch(dir: string): Watched | undefined {
    const watched = this.#watched.get(dir);
    if (watched?.watch.ended !== true) return watched;
    clearTimeout(watched.timer);
    this.#watched.delete(dir);
    return undefined;
  }

  #watch(run: FoundRun): Watched {
    const existing = this.#liveWatch(run.dir);
    if (existing !== undefined) return existing;
    const { now, pollMs } = this.#options;
    const watched: Watched = { watch: new RunWatch(run, { now, pollMs }), users: 0, timer: undefined, signature: '' };
    if (this.#closed) void watched.watch.close();
    else this.#watched.set(run.dir, watched);
    return watched;
  }

  #linger(dir: string, watched: Watched): void {
    clearTimeout(watched.timer);
    if (watched.users > 0 || this.#closed) return;
    watched.timer = setTimeout(() => {
      if (this.#watched.get(dir) === watched) this.#watched.delete(dir);
      void watched.watch.close();
    }, this.#options.lingerMs ?? 15_000);
    watched.timer.unref();
  }

  async #read(run: FoundRun): Promise<RunState> {
    const { text: signature } = await runSignature(run.dir);
    const kept = this.#kept.get(run.dir);
    this.#kept.delete(run.dir);
    if (kept?.signature === signature) {
      const state = await kept.state.catch(() => null);
      if (state !== null && !state.active) {
        this.#keep(run.dir, kept);
        return state;
      }
    }
    const read = { signature, state: this.#readFirst(run) };
    this.#keep(run.dir, read);
    return read.state;
  }

  /** A run that says that it is running is read by the watch that it is about to get, and not twice. */
  async #readFirst(run: FoundRun): Promise<RunState> {
    const manifest = this.#closed ? null : await readManifest(run.dir);
    if (manifest?.status !== 'running' && manifest?.status !== 'waiting') {
      return readRunState(run.dir, { place: run, now: this.#options.now });
    }
    const watched = this.#watch(run);
    this.#linger(run.dir, watched);
    return watched.watch.state();
  }

  /** The last used stands last. */
  #keep(dir: string, kept: { signature: string; state: Promise<RunState> }): void {
    kept.state.catch(() => undefined);
    this.#kept.set(dir, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= maxKept) break;
      this.#kept.delete(oldest);
    }
  }
}

/**
 * The watch's state, which may be some milliseconds behind the files: where they changed since the last request, it is given
 * a moment, so that a request after a write sees what was written.
 */
async function caughtUp(run: FoundRun, watched: Watched): Promise<RunState> {
  const { text, changedAt } = await runSignature(run.dir);
  if (text === watched.signature) return watched.watch.state();
  watched.signature = text;
  return watched.watch.stateAfter(changedAt);
}
