import { type FSWatcher, watch } from 'node:fs';
import { endOnReturn } from '@kai/progress/jsonl';
import type { FoundRun } from './name-runs.ts';
import { RunFinder } from './run-finder.ts';

export interface WatchRunsOptions {
  signal?: AbortSignal;
  /** Between two searches beside the file events, for disks that send none. Default 2 s. */
  pollMs?: number;
}

/** Folders that are watched for events; the poll alone looks at the others. The system's watches are not ours alone. */
const maxWatches = 256;

/**
 * Which runs there are in `root`, as `findRuns` tells: at once, and again after each change of the set, until `signal` aborts.
 * Then it ends, without an error. Runs that come while the consumer is busy come together. A missing root is waited for.
 * `return()` ends the watch even while a `next()` waits.
 */
export function watchRuns(
  root: string,
  { signal, pollMs = 2000 }: WatchRunsOptions = {},
): AsyncGenerator<FoundRun[], void, undefined> {
  return endOnReturn(signal, (ended) => setsOfRuns(root, { signal: ended, pollMs }));
}

async function* setsOfRuns(
  root: string,
  { signal, pollMs }: { signal: AbortSignal; pollMs: number },
): AsyncGenerator<FoundRun[], void, undefined> {
  let isDue = true;
  let wake = () => {};
  const notify = () => {
    isDue = true;
    wake();
  };
  const finder = new RunFinder(root);
  const watches = new FolderWatches(notify);
  const timer = setInterval(notify, pollMs);
  signal.addEventListener('abort', notify, { once: true });
  let last: FoundRun[] | null = null;
  try {
    while (!signal.aborted) {
      if (!isDue) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      isDue = false;
      const runs = await finder.find();
      // What came between the search and a new watch is found by one more search.
      if (watches.keep(finder.folders)) isDue = true;
      if (runs === last || signal.aborted) continue;
      last = runs;
      yield runs;
    }
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', notify);
    watches.close();
  }
}

class FolderWatches {
  readonly #notify: () => void;
  readonly #watchers = new Map<string, FSWatcher>();

  constructor(notify: () => void) {
    this.#notify = notify;
  }

  /** Watches these folders and no others; true when one is watched anew. */
  keep(folders: readonly string[]): boolean {
    const wanted = new Set(folders.slice(0, maxWatches));
    for (const dir of this.#watchers.keys()) if (!wanted.has(dir)) this.#unwatch(dir);
    let isNew = false;
    for (const dir of wanted) if (!this.#watchers.has(dir) && this.#watch(dir)) isNew = true;
    return isNew;
  }

  close(): void {
    for (const dir of [...this.#watchers.keys()]) this.#unwatch(dir);
  }

  #watch(dir: string): boolean {
    try {
      const watcher = watch(dir, (event) => {
        // A file that grows is no new run.
        if (event === 'rename') this.#notify();
      });
      watcher.on('error', () => this.#unwatch(dir));
      this.#watchers.set(dir, watcher);
      return true;
    } catch {
      // No watch to be had: the poll alone sees the changes.
      return false;
    }
  }

  #unwatch(dir: string): void {
    this.#watchers.get(dir)?.close();
    this.#watchers.delete(dir);
  }
}
