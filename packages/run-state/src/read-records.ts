import { join } from 'node:path';
import { JsonlTail, parseJson } from '@kai/progress/jsonl';
import { reasonOf } from './errors.ts';
import type { RunProblem } from './run-state.ts';

/** Reads a file of one record per line, in file order; what cannot be read is left out and reported. */
export async function* readRecords<T>(
  dir: string,
  file: string,
  parse: (value: unknown) => T,
  { onProblem, signal }: { onProblem?: (problem: RunProblem) => void; signal?: AbortSignal } = {},
): AsyncGenerator<T, void, undefined> {
  const tail = new JsonlTail(join(dir, file));
  const records: T[] = [];
  try {
    await tail.read({
      signal,
      onLine: ({ text, line }) => {
        try {
          records.push(parse(parseJson(text)));
        } catch (error) {
          onProblem?.({ file, line, reason: reasonOf(error) });
        }
      },
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    onProblem?.({ file, line: null, reason: reasonOf(error) });
  } finally {
    tail.close();
  }
  yield* records;
}
