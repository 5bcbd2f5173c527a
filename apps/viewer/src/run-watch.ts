import { setMaxListeners } from 'node:events';
import { type FoundRun, type RunState, type WatchRunOptions, watchRun } from '@kai/run-state';

/** Longer than a watch needs to hear of a change and read it. */
const patienceMs = 200;
/** A state that came later than this after a change was not being read before it. */
const certainAfterMs = 20;

/** The latest state of one run, for however many readers; the run's files are read once, and only what is new. */
export class RunWatch {
  readonly #ended = new AbortController();
  readonly #waiting = new Set<() => void>();
  readonly #first: Promise<void>;
  readonly #done: Promise<void>;
  #state: RunState | null = null;
  #version = 0;
  #receivedAt = 0;

  constructor(run: FoundRun, options: Omit<WatchRunOptions, 'signal' | 'place'>) {
    // Each request that waits listens.
    setMaxListeners(0, this.#ended.signal);
    let isReady = () => {};
    this.#first = new Promise((resolve) => {
      isReady = resolve;
    });
    this.#done = this.#follow(run, options, isReady).finally(() => {
      isReady();
      this.#ended.abort();
      this.#wake();
    });
    // Whoever waits for the first state hears of a failure there; nobody may be waiting.
    this.#done.catch(() => undefined);
  }

  /** True once it was closed or could not go on. */
  get ended(): boolean {
    return this.#ended.signal.aborted;
  }

  /** Counts the states; a different number is a different state. */
  get version(): number {
    return this.#version;
  }

  /** The latest state; waits only for the first. */
  async state(): Promise<RunState> {
    await this.#first;
    if (this.#state !== null) return this.#state;
    await this.#done;
    throw new Error('The watch was closed before the run could be read.');
  }

  /**
   * The first state that surely knows of a change at `changedAt` (milliseconds since 1970), or the latest when none came: not
   * every change makes a new state.
   */
  async stateAfter(changedAt: number): Promise<RunState> {
    const latest = await this.state();
    const deadline = performance.now() + patienceMs;
    const signal = this.#ended.signal;
    while (!this.ended && this.#receivedAt < changedAt + certainAfterMs) {
      const timeoutMs = deadline - performance.now();
      if (timeoutMs <= 0) break;
      await this.changed({ signal, timeoutMs });
    }
    return this.#state ?? latest;
  }

  /** Resolves at the next state, at the end of the watch, when `signal` aborts, or after `timeoutMs`. */
  changed({ signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number }): Promise<void> {
    if (this.ended || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', settle);
        this.#waiting.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, timeoutMs);
      signal.addEventListener('abort', settle, { once: true });
      this.#waiting.add(settle);
    });
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#done.catch(() => undefined);
  }

  async #follow(run: FoundRun, options: Omit<WatchRunOptions, 'signal' | 'place'>, isReady: () => void): Promise<void> {
    for await (const state of watchRun(run.dir, { ...options, place: run, signal: this.#ended.signal })) {
      this.#state = state;
      this.#version++;
      this.#receivedAt = Date.now();
      isReady();
      this.#wake();
    }
  }

  #wake(): void {
    for (const settle of [...this.#waiting]) settle();
  }
}
