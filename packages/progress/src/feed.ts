import { join } from 'node:path';
import { directoryChanges } from './directory-changes.ts';
import { endOnReturn } from './end-on-return.ts';
import { type JsonlLine, JsonlTail } from './jsonl-tail.ts';
import { ProgressError } from './progress-error.ts';
import { FEED_FILE } from './progress-writer.ts';
import { type Direction, decodeProgressLine, type ProgressRecord } from './record.ts';

/** A line of the feed that could not be read and was skipped. */
export interface ProgressProblem {
  /** 1-based. */
  line: number;
  byteOffset: number;
  reason: string;
}

export interface ReadProgressOptions {
  onProblem?: (problem: ProgressProblem) => void;
  /** For deriving a `best` that a line does not have. Default `maximize`. */
  direction?: Direction;
  signal?: AbortSignal;
}

export interface FollowProgressOptions extends ReadProgressOptions {
  /** The feed was truncated or replaced: what was yielded is void, the records from its first line on follow. */
  onReset?: () => void;
  /** Milliseconds between two looks beside the file events. Default 1000. */
  pollMs?: number;
}

/**
 * Reads the whole feed of a run directory, in file order. A missing feed is []; an unreadable line is skipped and reported; a
 * last line without its newline is not there yet.
 * Throws a ProgressError: not-a-file when a directory stands in the feed's place, read-failed.
 */
export async function readProgress(
  runDir: string,
  { onProblem, direction, signal }: ReadProgressOptions = {},
): Promise<ProgressRecord[]> {
  const records: ProgressRecord[] = [];
  const decoder = new FeedDecoder(direction, onProblem);
  await new JsonlTail(join(runDir, FEED_FILE)).read({
    signal,
    onLine: (line) => {
      const record = decoder.decode(line);
      if (record !== null) records.push(record);
    },
  });
  return records;
}

/**
 * Yields the records that are in the feed, then those that come, each once and in file order. Waits for a feed, or a run
 * directory, that does not exist yet. Ends, without throwing, when `signal` is aborted; leaving the loop ends it as well.
 * Throws a ProgressError like readProgress.
 */
export function followProgress(
  runDir: string,
  options: FollowProgressOptions = {},
): AsyncGenerator<ProgressRecord, void> {
  return endOnReturn(options.signal, (ended) => followUntil(ended, runDir, options));
}

async function* followUntil(
  ended: AbortSignal,
  runDir: string,
  { onReset, onProblem, direction, pollMs }: FollowProgressOptions,
): AsyncGenerator<ProgressRecord, void> {
  const tail = new JsonlTail(join(runDir, FEED_FILE));
  const decoder = new FeedDecoder(direction, onProblem);
  const reset = () => {
    decoder.reset();
    onReset?.();
  };
  for await (const _ of directoryChanges(runDir, { signal: ended, pollMs })) {
    for await (const lines of tail.batches({ signal: ended, onReset: reset })) {
      for (const line of lines) {
        const record = decoder.decode(line);
        if (record !== null) yield record;
        if (ended.aborted) return;
      }
    }
  }
}

/** Lines in file order to records. */
class FeedDecoder {
  readonly #direction: Direction | undefined;
  readonly #onProblem: ((problem: ProgressProblem) => void) | undefined;
  #best: number | null = null;

  constructor(direction?: Direction, onProblem?: (problem: ProgressProblem) => void) {
    this.#direction = direction;
    this.#onProblem = onProblem;
  }

  decode({ text, line, byteOffset }: JsonlLine): ProgressRecord | null {
    try {
      const record = decodeProgressLine(text, { previousBest: this.#best, direction: this.#direction });
      this.#best = record.best ?? this.#best;
      return record;
    } catch (error) {
      if (!(error instanceof ProgressError)) throw error;
      this.#onProblem?.({ line, byteOffset, reason: error.message });
      return null;
    }
  }

  reset(): void {
    this.#best = null;
  }
}
