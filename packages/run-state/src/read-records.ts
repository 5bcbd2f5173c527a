import { join } from 'node:path';
import { type JsonlLine, JsonlTail, ProgressError, parseJson } from '@kai/progress/jsonl';
import { reasonOf } from './errors.ts';
import type { RunProblem } from './run-state.ts';

export interface ReadRecordsOptions {
  onProblem?: ((problem: RunProblem) => void) | undefined;
  /** Ends the reading, without an error. */
  signal?: AbortSignal | undefined;
}

/**
 * Reads a file of one record per line, in file order and only as fast as it is asked for. What cannot be read is left out
 * and reported; a missing file has no records.
 */
export async function* readRecords<T>(
  dir: string,
  file: string,
  parse: (value: unknown) => T,
  { onProblem, signal }: ReadRecordsOptions = {},
): AsyncGenerator<T, void, undefined> {
  const tail = new JsonlTail(join(dir, file));
  const read = ({ text, line }: JsonlLine): T[] => {
    try {
      return [parse(parseJson(text))];
    } catch (error) {
      onProblem?.({ file, line, reason: reasonOf(error) });
      return [];
    }
  };
  try {
    for await (const lines of tail.batches({ signal })) {
      for (const line of lines) yield* read(line);
    }
  } catch (error) {
    if (!(error instanceof ProgressError)) throw error;
    if (!signal?.aborted) onProblem?.({ file, line: null, reason: reasonOf(error) });
  } finally {
    tail.close();
  }
}
