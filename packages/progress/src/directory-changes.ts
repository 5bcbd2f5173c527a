import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { endOnReturn } from './end-on-return.ts';

export interface DirectoryChangesOptions {
  /** Ends the iteration: it returns, it does not throw. */
  signal?: AbortSignal;
  /** Milliseconds between two looks at the directory beside the file events, for disks that send none. Default 1000. */
  pollMs?: number;
}

/**
 * Yields once at once, then after each change in the directory (a file written, made, renamed or removed; not below its
 * subdirectories). Changes that come while the consumer is busy are one, and one change may be told twice. A directory that is
 * missing is waited for; one that was deleted and made again is watched again. Leaving the loop ends it as `signal` does.
 */
export function directoryChanges(
  dir: string,
  { signal, pollMs = 1000 }: DirectoryChangesOptions = {},
): AsyncGenerator<void, void> {
  return endOnReturn(signal, (ended) => changesUntil(ended, dir, pollMs));
}

async function* changesUntil(ended: AbortSignal, dir: string, pollMs: number): AsyncGenerator<void, void> {
  let changed = false;
  let wake = () => {};
  const notify = () => {
    changed = true;
    wake();
  };
  const watched = new WatchedDirectory(dir, pollMs, notify);
  ended.addEventListener('abort', notify, { once: true });
  try {
    await watched.start();
    while (!ended.aborted) {
      changed = false;
      yield;
      if (changed) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    ended.removeEventListener('abort', notify);
    watched.close();
  }
}

/** A directory that may come and go: file events while it is there, and a poll beside them. */
class WatchedDirectory {
  readonly #dir: string;
  readonly #pollMs: number;
  readonly #notify: () => void;
  #watcher: FSWatcher | null = null;
  #identity: string | null = null;
  #signature: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(dir: string, pollMs: number, notify: () => void) {
    this.#dir = resolve(dir);
    this.#pollMs = pollMs;
    this.#notify = notify;
  }

  async start(): Promise<void> {
    await this.#look();
    this.#arm();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#unwatch();
  }

  #arm(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(async () => {
      if (await this.#look()) this.#notify();
      this.#arm();
    }, this.#pollMs);
    // The watcher keeps the process alive for its consumer; where there is none (yet), the timer has to.
    if (this.#watcher !== null) this.#timer.unref();
  }

  /** Watches the directory where that is needed, and tells whether it differs from the last look. */
  async #look(): Promise<boolean> {
    const identity = await identityOf(this.#dir);
    if (this.#closed) return false;
    if (identity !== this.#identity) this.#unwatch();
    this.#identity = identity;
    const watchedAnew = identity !== null && this.#watcher === null && this.#watch();
    // After the watch has begun, so that no change falls between the two.
    const signature = await signatureOf(this.#dir);
    const changed = watchedAnew || signature !== this.#signature;
    this.#signature = signature;
    return changed;
  }

  #watch(): boolean {
    try {
      this.#watcher = watch(this.#dir, (_, name) => {
        // Its own name: the directory itself was moved or deleted, and this watch may be dead. A new directory can get the
        // same inode, so the next look could not tell.
        if (name === basename(this.#dir)) this.#unwatch();
        this.#notify();
      });
      this.#watcher.on('error', () => this.#unwatch());
      return true;
    } catch {
      // No watch to be had (a limit of the system, a disk without events): the poll alone sees the changes.
      return false;
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = null;
    if (!this.#closed) this.#timer?.ref();
  }
}

async function identityOf(dir: string): Promise<string | null> {
  try {
    const { dev, ino } = await stat(dir);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

/** Changes whenever a name, a size, a time or an inode in the directory does; null when there is no directory. */
async function signatureOf(dir: string): Promise<string | null> {
  try {
    const names = await readdir(dir);
    const parts = await Promise.all(
      names.sort().map(async (name) => {
        const found = await stat(join(dir, name)).catch(() => null);
        return `${name}/${found?.ino}/${found?.size}/${found?.mtimeMs}`;
      }),
    );
    return parts.join('\n');
  } catch {
    return null;
  }
}
