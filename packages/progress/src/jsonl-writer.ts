import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync, writeSync } from 'node:fs';
import { kindOf } from './kind-of.ts';
import { ProgressError, reasonOf } from './progress-error.ts';

export interface JsonlWriterOptions {
  /** Milliseconds. Default Date.now, the cheapest clock: a jump of it only moves the next look at the file's place by so much. */
  now?: () => number;
}

// Looking whether the path still leads to the open file costs two stat calls, more than the write itself. Up to this many
// appends a second each look; only what comes on top of that in the same second trusts the last look.
const checksPerSecond = 1000;

/**
 * Appends values to a file, one line of JSON each.
 *
 * The file is opened at the first append (O_APPEND | O_CREAT; its directory must exist). Each append is exactly one write of
 * one whole line, so several processes may append to one file and their lines never mix. A last line that an earlier crash
 * cut off is sealed: the first append after it begins with a newline. So is one that another writer left between two appends,
 * wherever the file is looked at.
 *
 * A file that was deleted or replaced meanwhile is opened (created) again. A descriptor that was closed behind the writer's
 * back is an error of that append, and the next one opens the file again.
 */
export class JsonlWriter {
  readonly path: string;
  readonly #now: () => number;
  #open: { fd: number; ino: number; dev: number } | null = null;
  #torn = false;
  /** Of the file after our last write. Any other size: somebody else wrote, and may have left half a line. */
  #size = 0;
  #closed = false;
  #windowStart = Number.NaN;
  #checksLeft = 0;

  constructor(path: string, { now = Date.now }: JsonlWriterOptions = {}) {
    this.path = path;
    this.#now = now;
  }

  /**
   * Writes `value` as one line. NaN and infinite numbers anywhere in it are written as null.
   * Throws a ProgressError (code: closed, bad-value, not-a-file, write-failed, short-write, descriptor-lost) when the line is
   * not in the file whole; a later append tries again from the start.
   */
  append(value: unknown): void {
    this.appendLine(encodeJson(value, this.path));
  }

  /** Like append, for a line that is already JSON: one line of text without its newline. `byteLength` is its length as UTF-8. */
  appendLine(json: string, byteLength = Buffer.byteLength(json)): void {
    if (this.#closed) {
      throw new ProgressError('closed', `Could not append to ${this.path}: the writer was closed before.`, this);
    }
    if (this.#open !== null && this.#mayCheck()) this.#check(this.#open);
    this.#open ??= this.#openFile();
    const { fd } = this.#open;
    const text = this.#torn ? `\n${json}\n` : `${json}\n`;
    let written: number;
    try {
      written = writeSync(fd, text);
    } catch (error) {
      const lost = (error as NodeJS.ErrnoException).code === 'EBADF';
      this.#abandon(!lost);
      throw lost ? this.#descriptorLost(error) : this.#failure(error);
    }
    this.#size += written;
    const length = byteLength + (this.#torn ? 2 : 1);
    if (written < length) {
      this.#torn ||= written > 0;
      throw new ProgressError(
        'short-write',
        `Could not append to ${this.path}: only ${written} of ${length} bytes of the line were written. Is the disk full?`,
        this,
      );
    }
    this.#torn = false;
  }

  /** Closes the file. More calls do nothing. */
  close(): void {
    this.#closed = true;
    if (this.#open !== null) this.#abandon(this.#statsOf(this.#open) !== null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #openFile(): { fd: number; ino: number; dev: number } {
    let fd: number;
    try {
      // Read access as well: sealing needs the last byte, and a pipe in the file's place cannot block the open this way.
      fd = openSync(this.path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o666);
    } catch (error) {
      throw this.#failure(error);
    }
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile() && !stats.isCharacterDevice()) throw this.#notAFile(kindOf(stats));
      this.#look(fd, stats.size);
      return { fd, ino: stats.ino, dev: stats.dev };
    } catch (error) {
      closeSync(fd);
      throw error instanceof ProgressError ? error : this.#failure(error);
    }
  }

  #look(fd: number, size: number): void {
    const last = Buffer.alloc(1);
    this.#torn = size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
    this.#size = size;
  }

  #mayCheck(): boolean {
    const now = this.#now();
    if (!(now >= this.#windowStart && now - this.#windowStart < 1000)) {
      this.#windowStart = now;
      this.#checksLeft = checksPerSecond;
    }
    return this.#checksLeft-- > 0;
  }

  #check(open: { fd: number; ino: number; dev: number }): void {
    const stats = this.#statsOf(open);
    if (stats === null) {
      this.#abandon(false);
      throw this.#descriptorLost();
    }
    let found: Stats | undefined;
    try {
      found = statSync(this.path, { throwIfNoEntry: false });
      if (stats.size !== this.#size) this.#look(open.fd, stats.size);
    } catch (error) {
      this.#abandon(true);
      throw this.#failure(error);
    }
    if (found?.ino !== open.ino || found.dev !== open.dev) this.#abandon(true);
  }

  /** Null when the descriptor was closed elsewhere; its number may belong to somebody else's file by now. */
  #statsOf({ fd, ino, dev }: { fd: number; ino: number; dev: number }): Stats | null {
    try {
      const stats = fstatSync(fd);
      return stats.ino === ino && stats.dev === dev ? stats : null;
    } catch {
      return null;
    }
  }

  #abandon(close: boolean): void {
    const open = this.#open;
    this.#open = null;
    this.#torn = false;
    if (!close || open === null) return;
    try {
      closeSync(open.fd);
    } catch {
      // The lines are written or reported as lost by now; a close that fails changes neither.
    }
  }

  #failure(error: unknown): ProgressError {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') return this.#notAFile('directory', error);
    return new ProgressError('write-failed', `Could not append to ${this.path}: ${reasonOf(error)}.`, {
      path: this.path,
      cause: error,
    });
  }

  #notAFile(found: string, cause?: unknown): ProgressError {
    return new ProgressError(
      'not-a-file',
      `Could not append to ${this.path}: expected a file, found a ${found}. Move it away; the file is created again.`,
      { path: this.path, cause },
    );
  }

  #descriptorLost(cause?: unknown): ProgressError {
    return new ProgressError(
      'descriptor-lost',
      `Could not append to ${this.path}: its descriptor was closed elsewhere in this process. The next append opens the file again.`,
      { path: this.path, cause },
    );
  }
}

function encodeJson(value: unknown, path: string): string {
  let json: string | undefined;
  let cause: unknown;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (json !== undefined) return json;
  const found = cause === undefined ? `found ${typeof value}` : reasonOf(cause);
  throw new ProgressError('bad-value', `Could not append to ${path}: the value has no JSON form (${found}).`, {
    path,
    cause,
  });
}
