import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface DirectoryChangesOptions {
  /** Ends the iteration: it returns, it does not throw. */
  signal?: AbortSignal;
  /** Milliseconds between two looks at the directory beside the file events, for disks that send none. Default 1000. */
  pollMs?: number;
}

/**
 * Yields once at once, then after each change in the directory (a file written, made, renamed or removed; not below its
 * subdirectories). Changes that come while the consumer is busy are one. A directory that is missing is waited for; one that
 * was deleted and made again is watched again.
 */
export async function* directoryChanges(
  dir: string,
  { signal, pollMs = 1000 }: DirectoryChangesOptions = {},
): AsyncGenerator<void, void> {
  let changed = false;
  let wake: (() => void) | null = null;
  const notify = () => {
    changed = true;
    wake?.();
  };
  const watching = new DirectoryWatch(dir, notify);
  signal?.addEventListener('abort', notify, { once: true });
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const poll = async () => {
    if (await watching.look()) notify();
    if (ended) watching.close();
    else arm();
  };
  const arm = () => {
    timer = setTimeout(poll, pollMs);
    // The watcher keeps the process alive for its consumer; where there is none (yet), the timer has to.
    if (watching.active) timer.unref();
  };
  try {
    await watching.look();
    arm();
    while (!signal?.aborted) {
      changed = false;
      yield;
      while (!changed && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = null;
      }
    }
  } finally {
    ended = true;
    clearTimeout(timer);
    signal?.removeEventListener('abort', notify);
    watching.close();
  }
}

/** A watcher on a directory that may come and go. */
class DirectoryWatch {
  readonly #dir: string;
  readonly #notify: () => void;
  #watcher: FSWatcher | null = null;
  #watched = '';
  #signature: string | null = null;

  constructor(dir: string, notify: () => void) {
    this.#dir = dir;
    this.#notify = notify;
  }

  get active(): boolean {
    return this.#watcher !== null;
  }

  /** Compares the directory with the last look; watches it (again) where needed. */
  async look(): Promise<boolean> {
    const identity = await identityOf(this.#dir);
    if (identity !== this.#watched || this.#watcher === null) {
      this.close();
      this.#watched = identity;
      if (identity !== '') this.#watch();
    }
    const signature = await signatureOf(this.#dir);
    const changed = signature !== this.#signature;
    this.#signature = signature;
    return changed;
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }

  #watch(): void {
    try {
      this.#watcher = watch(this.#dir, this.#notify);
      this.#watcher.on('error', () => this.close());
    } catch {
      // No watch to be had (a limit of the system, a disk without events): the poll alone sees the changes.
    }
  }
}

async function identityOf(path: string): Promise<string> {
  try {
    const { dev, ino } = await stat(path);
    return `${dev}:${ino}`;
  } catch {
    return '';
  }
}

/** Changes whenever a name, a size, a time or an inode in the directory does; '' when there is no directory. */
async function signatureOf(dir: string): Promise<string> {
  try {
    const parts: string[] = [];
    for (const name of (await readdir(dir)).sort()) {
      const found = await stat(join(dir, name)).catch(() => null);
      if (found !== null) parts.push(`${name}\0${found.ino}\0${found.size}\0${found.mtimeMs}`);
    }
    return parts.join('\n');
  } catch {
    return '';
  }
}
