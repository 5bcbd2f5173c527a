import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { kindOf } from './kind-of.ts';
import { ProgressError, reasonOf } from './progress-error.ts';

/** One whole line. The bytes [byteOffset, byteOffset + byteLength) of the file are `text`: without BOM and line end. */
export interface JsonlLine {
  text: string;
  /** 1-based; blank lines count. With `startOffset`, counted from there. */
  line: number;
  byteOffset: number;
  byteLength: number;
}

export interface JsonlTailOptions {
  /** The start of a line, for example the `offset` of an earlier tail. Default 0. */
  startOffset?: number;
  /** Bytes read at once. Default 256 KiB. */
  chunkBytes?: number;
}

export interface JsonlReadOptions {
  /** Called before the lines of a file that was truncated or replaced are delivered again from its first line, and when it is gone. */
  onReset?: () => void;
  /** Ends the reading between two chunks; what was not delivered is delivered by the next read. */
  signal?: AbortSignal;
}

export interface JsonlHandlers extends JsonlReadOptions {
  onLine: (line: JsonlLine) => void;
}

const newline = 0x0a;
const fingerprintBytes = 64;

/**
 * Reads the lines of a growing file, each of them once: every read delivers the whole lines that are new since the last.
 *
 * A last line without its newline is held back until it is whole. Blank lines are skipped (and counted), CRLF and a BOM are
 * taken off, bytes that are not UTF-8 become U+FFFD. A missing file has no lines. A file that was replaced (another inode),
 * shrank, or no longer holds the 64 bytes before `offset` is read again from its start, after onReset; also when that happens
 * while it is read. One that is deleted is forgotten, after onReset as well.
 * Memory: one chunk and the longest line. No descriptor is open between two reads.
 */
export class JsonlTail {
  readonly path: string;
  readonly #chunkBytes: number;
  #offset: number;
  #line = 0;
  /** Undefined before the first read that found it. */
  #file: { ino: number; dev: number } | undefined;
  /** The bytes before #offset: how a file that was rewritten in place is told from one that grew. */
  #fingerprint: Uint8Array;
  #reading: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(path: string, { startOffset = 0, chunkBytes = 256 * 1024 }: JsonlTailOptions = {}) {
    this.path = path;
    this.#offset = startOffset;
    this.#chunkBytes = chunkBytes;
    this.#fingerprint = startOffset === 0 ? new Uint8Array() : Uint8Array.of(newline);
  }

  /** Bytes delivered so far: the start of the next line. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Delivers the new whole lines, up to the size that the file has when the read starts. Reads of one tail wait for each other.
   * Rejects with a ProgressError (not-a-file, read-failed), or with what `onLine` throws: the next read goes on after that line.
   */
  read({ onLine, ...options }: JsonlHandlers): Promise<void> {
    const reading = this.#reading.then(async () => {
      for await (const lines of this.batches(options)) {
        for (const line of lines) {
          try {
            onLine(line);
          } catch (error) {
            this.#goBackTo(line);
            throw error;
          }
        }
      }
    });
    this.#reading = reading.catch(() => {});
    return reading;
  }

  /** Like read, but pulled: yields the lines chunk by chunk, and reads on only when asked. Not to be mixed with a running read. */
  async *batches({ onReset, signal }: JsonlReadOptions = {}): AsyncGenerator<JsonlLine[], void> {
    if (this.#closed || signal?.aborted) return;
    const handle = await this.#openFile();
    if (handle === null) {
      if (this.#offset > 0) this.#startAnew(onReset);
      return;
    }
    try {
      while (yield* this.#deliver(handle, await this.#enter(handle, onReset), signal));
    } finally {
      await handle.close();
    }
  }

  /** Later reads deliver nothing, and a running one ends after its chunk. */
  close(): void {
    this.#closed = true;
  }

  async #openFile(): Promise<FileHandle | null> {
    try {
      return await open(this.path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw this.#failure(error);
      return null;
    }
  }

  /** Makes sure that the file is still the one that was read before, goes to its start if not, and returns its size. */
  async #enter(handle: FileHandle, onReset?: () => void): Promise<number> {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw new ProgressError(
        'not-a-file',
        `Could not read ${this.path}: expected a file, found a ${kindOf(stats)}. Move it away.`,
        this,
      );
    }
    const known = this.#file;
    this.#file = { ino: stats.ino, dev: stats.dev };
    if (this.#offset === 0) return stats.size;
    const same =
      (known === undefined || (known.ino === stats.ino && known.dev === stats.dev)) &&
      stats.size >= this.#offset &&
      (await this.#holds(handle, this.#fingerprint, this.#offset));
    if (!same) this.#startAnew(onReset);
    return stats.size;
  }

  #startAnew(onReset?: () => void): void {
    this.#offset = 0;
    this.#line = 0;
    this.#fingerprint = new Uint8Array();
    onReset?.();
  }

  /**
   * Delivers the whole lines from #offset up to `size`. Returns true when the file turns out to be rewritten meanwhile: the file
   * is to be entered again, and what was read but not delivered is dropped. A chunk counts only when the bytes before it are
   * still there after it was read, because a rewrite begins at the file's start.
   */
  async *#deliver(handle: FileHandle, size: number, signal?: AbortSignal): AsyncGenerator<JsonlLine[], boolean> {
    const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(this.#chunkBytes, size - this.#offset)));
    let position = this.#offset;
    let before = this.#fingerprint;
    let pending: Buffer[] = [];
    while (position < size && !signal?.aborted && !this.#closed) {
      const { bytesRead } = await this.#readAt(handle, chunk, position, Math.min(chunk.length, size - position));
      const [stats, same] = await Promise.all([handle.stat(), this.#holds(handle, before, position)]);
      if (stats.size < size || !same) return true;
      if (bytesRead === 0) return false;
      position += bytesRead;
      before = Uint8Array.from(chunk.subarray(Math.max(0, bytesRead - fingerprintBytes), bytesRead));
      const end = chunk.lastIndexOf(newline, bytesRead - 1) + 1;
      const rest = end < bytesRead ? [Buffer.from(chunk.subarray(end, bytesRead))] : [];
      if (end === 0) {
        pending.push(...rest);
        continue;
      }
      const lines = this.#split(chunk.subarray(0, end), pending);
      pending = rest;
      if (lines.length > 0) yield lines;
    }
    return false;
  }

  /** Whether the file holds `bytes` right before `end`. */
  async #holds(handle: FileHandle, bytes: Uint8Array, end: number): Promise<boolean> {
    const found = Buffer.alloc(bytes.length);
    if (found.length > 0) await this.#readAt(handle, found, end - found.length, found.length);
    return found.equals(bytes);
  }

  /** The lines of `pending` + `bytes`, which end with a newline; moves the offset behind them. */
  #split(bytes: Buffer, pending: Buffer[]): JsonlLine[] {
    const lines: JsonlLine[] = [];
    const whole = pending.length === 0 ? bytes : Buffer.concat([...pending, bytes]);
    let start = 0;
    while (start < whole.length) {
      const end = whole.indexOf(newline, start);
      const from = this.#offset + start === 0 && hasBom(whole) ? 3 : start;
      const to = end > from && whole[end - 1] === 0x0d ? end - 1 : end;
      this.#line++;
      const text = whole.toString('utf8', from, to);
      if (text.trim() !== '') {
        lines.push({ text, line: this.#line, byteOffset: this.#offset + from, byteLength: to - from });
      }
      start = end + 1;
    }
    this.#offset += whole.length;
    this.#fingerprint = Uint8Array.from(whole.subarray(Math.max(0, whole.length - fingerprintBytes)));
    return lines;
  }

  /** Forgets what was split after `line`. */
  #goBackTo(line: JsonlLine): void {
    this.#offset = line.byteOffset + line.byteLength;
    this.#line = line.line - 1;
    this.#fingerprint = new Uint8Array();
  }

  async #readAt(handle: FileHandle, buffer: Buffer, position: number, length: number) {
    try {
      return await handle.read(buffer, 0, length, position);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): ProgressError {
    return new ProgressError('read-failed', `Could not read ${this.path}: ${reasonOf(error)}.`, {
      path: this.path,
      cause: error,
    });
  }
}

function hasBom(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
