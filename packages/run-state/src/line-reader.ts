import { basename } from 'node:path';
import { type JsonlLine, JsonlTail } from '@kai/progress/jsonl';
import { reasonOf } from './errors.ts';
import { ProblemList } from './problem-list.ts';

export interface LineReaderOptions {
  /** Takes one line; what it throws makes the line a problem. */
  take: (line: JsonlLine) => void;
  /** The file was truncated or replaced: its lines come again from the first. */
  reset: () => void;
}

/** The new lines of one growing file of a run directory, and what could not be read of it. */
export class LineReader {
  readonly problems: ProblemList;
  /** Grows whenever a read found anything new. */
  version = 0;
  readonly #tail: JsonlTail;
  readonly #options: LineReaderOptions;
  #fileFault: string | null = null;

  constructor(path: string, options: LineReaderOptions) {
    this.problems = new ProblemList(basename(path));
    this.#tail = new JsonlTail(path);
    this.#options = options;
  }

  /** Never rejects: a file that cannot be read is a problem. */
  async read(signal?: AbortSignal): Promise<void> {
    try {
      await this.#tail.read({
        signal,
        onLine: (line) => this.#take(line),
        onReset: () => {
          this.version++;
          this.problems.clear();
          this.#options.reset();
        },
      });
      this.#setFault(null);
    } catch (error) {
      if (signal?.aborted) return;
      this.#setFault(reasonOf(error));
    }
  }

  close(): void {
    this.#tail.close();
  }

  /** Every poll meets the same fault again; a good read shows that it is gone. */
  #setFault(reason: string | null): void {
    if (reason === this.#fileFault) return;
    if (this.#fileFault !== null) this.problems.remove(this.#fileFault);
    if (reason !== null) this.problems.add(null, reason);
    this.#fileFault = reason;
  }

  #take(line: JsonlLine): void {
    this.version++;
    try {
      this.#options.take(line);
    } catch (error) {
      this.problems.add(line.line, reasonOf(error));
    }
  }
}
