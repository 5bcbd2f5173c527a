import { join } from 'node:path';
import { JsonlWriter, type JsonlWriterOptions } from './jsonl-writer.ts';
import { LineEncoder } from './line-encoder.ts';
import { encodeProgressLine, type ProgressRecord } from './record.ts';

/** The feed's name in a run directory. */
export const FEED_FILE = 'progress.jsonl';

export interface ProgressWriterOptions extends JsonlWriterOptions {
  /** Called once, with the first failure. What it throws is ignored. */
  onError?: (error: unknown) => void;
}

/**
 * Appends to the feed of a run and never throws: telemetry cannot break the run.
 *
 * A record that could not be written is counted in `dropped` and not written later; every append tries anew, so the feed goes
 * on once the disk has space again. The run directory must exist by the first append.
 */
export class ProgressWriter {
  readonly #writer: JsonlWriter;
  readonly #onError: ((error: unknown) => void) | undefined;
  readonly #encoder = new LineEncoder();
  #dropped = 0;

  constructor(runDir: string, { onError, ...options }: ProgressWriterOptions = {}) {
    this.#writer = new JsonlWriter(join(runDir, FEED_FILE), options);
    this.#onError = onError;
  }

  /** Records that did not reach the feed. */
  get dropped(): number {
    return this.#dropped;
  }

  append(record: ProgressRecord): void {
    try {
      const ascii = this.#encoder.encodeAscii(record);
      if (ascii === null) this.#writer.appendLine(encodeProgressLine(record));
      else this.#writer.appendLine(ascii, ascii.length);
    } catch (error) {
      this.#dropped++;
      if (this.#dropped > 1) return;
      this.#report(error);
    }
  }

  /** A listener that fails, at once or later, is as little a reason to end the run as a feed that fails. */
  async #report(error: unknown): Promise<void> {
    try {
      await this.#onError?.(error);
    } catch {}
  }

  async close(): Promise<void> {
    this.#writer.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
