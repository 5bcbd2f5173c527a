import { ProgressError, reasonOf } from './progress-error.ts';

/** One completed iteration, as one line of the feed tells it. */
export interface ProgressRecord {
  /** 0 is the initial program. */
  iter: number;
  /** What the program scored; null when there was nothing that could be scored. */
  score: number | null;
  /** The best score up to and with this record; null while there is none. */
  best: number | null;
  programId: string | null;
  model: string | null;
  /** Unix seconds; 0 when the line has none. */
  ts: number;
  /** Fields of the line that are none of the above (and not `__proto__`). */
  extra?: Record<string, unknown>;
}

/** Which scores are better: the high ones or the low ones. */
export type Direction = 'maximize' | 'minimize';

/**
 * One line of the feed, without its newline. Numbers that are not finite are written as null.
 * Throws a ProgressError (bad-value) when the line could not be read again: `iter` is no whole number from 0, `score` is neither a
 * number nor null, or `extra` has a toJSON method or no JSON form.
 */
export function encodeProgressLine({ iter, score, best, programId, model, ts, extra }: ProgressRecord): string {
  if (!Number.isSafeInteger(iter) || iter < 0) {
    throw new ProgressError(
      'bad-value',
      `Could not write a progress record: iter must be a whole number from 0, found ${iter}.`,
    );
  }
  const refuse = (reason: string, cause?: unknown) =>
    new ProgressError('bad-value', `Could not write the progress record of iteration ${iter}: ${reason}.`, { cause });
  if (typeof score !== 'number' && score !== null) {
    throw refuse(`score must be a number or null, found ${typeof score} ${String(score)}`);
  }
  if (typeof extra?.toJSON === 'function')
    throw refuse('extra has a toJSON method, which would replace the whole line');
  const line = { iter, score, best, program_id: programId, model, ts };
  try {
    return JSON.stringify(extra === undefined ? line : { ...line, ...extra, ...line });
  } catch (error) {
    throw refuse(reasonOf(error), error);
  }
}

/** The better of two scores; null is worse than any. */
export function betterOf(a: number | null, b: number | null, direction: Direction): number | null {
  if (a === null || b === null) return a ?? b;
  return isBetter(b, a, direction) ? b : a;
}

export function isBetter(score: number, than: number, direction: Direction): boolean {
  return direction === 'maximize' ? score > than : score < than;
}
