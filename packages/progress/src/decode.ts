import { z } from 'zod';
import { parseJson } from './parse-json.ts';
import { ProgressError, reasonOf } from './progress-error.ts';
import { betterOf, type Direction, type ProgressRecord } from './record.ts';

const finiteOrNull = (value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? null : value);
const textOrNull = z
  .union([z.string(), z.number().transform(String)])
  .nullable()
  .catch(null);

/** A line of the feed. Only `iter` and `score` are needed; what is wrong with any other field makes that field unknown. */
const lineSchema = z.looseObject({
  iter: z.int().nonnegative(),
  score: z.preprocess(finiteOrNull, z.number().nullable()),
  best: z.preprocess(finiteOrNull, z.number().nullish()).catch(null),
  program_id: textOrNull,
  model: textOrNull,
  ts: z.number().catch(0),
});

export interface DecodeOptions {
  /** The `best` of the record before, from which a `best` that is missing, null or no finite number is derived. Default null. */
  previousBest?: number | null;
  /** Default `maximize`. */
  direction?: Direction;
}

/**
 * Reads one line of the feed (without its line end). NaN and infinite scores become null, unknown fields go to `extra`.
 * A `best` that is no finite number is the better of `previousBest` and the score.
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
  const { iter, score, best: given, program_id, model, ts, ...extra } = parsed.data;
  const best = given ?? betterOf(previousBest, score, direction);
  const record: ProgressRecord = { iter, score, best, programId: program_id, model, ts };
  for (const _ in extra) {
    record.extra = extra;
    break;
  }
  return record;
}
