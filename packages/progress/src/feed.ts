import { join } from 'node:path';
import { directoryChanges } from './directory-changes.ts';
import { endOnReturn } from './end-on-return.ts';
import { JsonlTail } from './jsonl-tail.ts';
import { FEED_FILE } from './progress-writer.ts';
import type { Direction, ProgressRecord } from './record.ts';

/** A line of the feed that could not be read and was skipped. */
export interface ProgressProblem {
  /** 1-based. */
  line: number;
  byteOffset: number;
  reason: string;
}

export interface ReadProgressOptions {
  onProblem?: (problem: ProgressProblem) => void;
  /** For deriving a `best` that a line does not have, or has as null. Default `maximize`. */
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
 * Throws a ProgressError: not-a-file when a directory stands in the feed's place, read-failed. Rejects with `signal.reason` when
 * `signal` is aborted before all of it is read: part of a feed could pass for the whole.
 */
export async function readProgress(
  runDir: string,
  { onProblem, direction, signal }: ReadProgressOptions = {},
): Promise<ProgressRecord[]> {
  signal?.throwIfAborted();
  const records: ProgressRecord[] = [];
  const decoder = await newDecoder(direction, onProblem);
  await new JsonlTail(join(runDir, FEED_FILE)).read({
    signal,
    onLine: (line) => {
      const record = decoder.decode(line);
      if (record !== null) records.push(record);
    },
  });
  signal?.throwIfAborted();
  return records;
}

/**
 * Yields the records that are in the feed, then those that come, each once and in file order. Waits for a feed, or a run
 * directory, that does not exist yet. Ends, without throwing, when `signal` is aborted; leaving the loop ends it as well.
 * Throws a ProgressError as readProgress does.
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
  const decoder = await newDecoder(direction, onProblem);
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

/** Brings zod with it, which takes longer to load than all of this package: a loop that only writes need not wait for it. */
async function newDecoder(direction?: Direction, onProblem?: (problem: ProgressProblem) => void) {
  const { FeedDecoder } = await import('./feed-decoder.ts');
  return new FeedDecoder(direction, onProblem);
}
