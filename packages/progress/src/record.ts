import { z } from 'zod';
import { parseJson } from './parse-json.ts';
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

const finiteOrNull = (value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? null : value);
const textOrNull = z
  .union([z.string(), z.number().transform(String)])
  .nullable()
  .catch(null);

/** A line of the feed. Only `iter` and `score` are needed; what is wrong with any other field makes that field unknown. */
const lineSchema = z.looseObject({
  iter: z.int().nonnegative(),
  score: z.preprocess(finiteOrNull, z.number().nullable()),
  best: z.preprocess(finiteOrNull, z.number().nullable().optional()).catch(undefined),
  program_id: textOrNull,
  model: textOrNull,
  ts: z.number().catch(0),
});

export interface DecodeOptions {
  /** The `best` of the record before, from which a missing `best` is derived. Default null. */
  previousBest?: number | null;
  /** Default `maximize`. */
  direction?: Direction;
}

/**
 * Reads one line of the feed (without its line end). NaN and infinite scores become null, unknown fields go to `extra`.
 * Throws a ProgressError (bad-line) that says what is wrong when the line is not JSON, or has no usable `iter` and `score`.
 */
export function decodeProgressLine(
  text: string,
  { previousBest = null, direction = 'maximize' }: DecodeOptions = {},
): ProgressRecord {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new ProgressError('bad-line', `not valid JSON (${reasonOf(error)})`, { cause: error });
  }
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    const where = path.length === 0 ? '' : `${path.join('.')}: `;
    throw new ProgressError('bad-line', `not a progress record (${where}${message})`, { cause: parsed.error });
  }
  const { iter, score, best = betterOf(previousBest, score, direction), program_id, model, ts, ...extra } = parsed.data;
  const record: ProgressRecord = { iter, score, best, programId: program_id, model, ts };
  for (const _ in extra) {
    record.extra = extra;
    break;
  }
  return record;
}

/** One line of the feed, without its newline. Numbers that are not finite are written as null. Throws a ProgressError (bad-value). */
export function encodeProgressLine({ iter, score, best, programId, model, ts, extra }: ProgressRecord): string {
  if (!Number.isSafeInteger(iter) || iter < 0) {
    throw new ProgressError(
      'bad-value',
      `Could not write a progress record: iter must be a whole number from 0, found ${iter}.`,
    );
  }
  const line = { iter, score, best, program_id: programId, model, ts };
  try {
    return JSON.stringify(extra === undefined ? line : { ...line, ...extra, ...line });
  } catch (error) {
    throw new ProgressError(
      'bad-value',
      `Could not write the progress record of iteration ${iter}: ${reasonOf(error)}.`,
      {
        cause: error,
      },
    );
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
