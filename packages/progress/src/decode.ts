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
  const plain = plainRecord(value, previousBest, direction);
  if (plain) return plain;
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

/**
 * The record of a line that holds just the fields which kai writes, each of its type: what the schema would give, without the
 * copies that it makes on the way, which are a third of the time of reading a feed. Null for any other line.
 */
function plainRecord(value: unknown, previousBest: number | null, direction: Direction): ProgressRecord | null {
  if (typeof value !== 'object' || value === null) return null;
  const { iter, score, best, program_id, model, ts } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(iter) || (iter as number) < 0) return null;
  if (!isNumberOrNull(score) || !isNumberOrNull(best) || typeof ts !== 'number' || !Number.isFinite(ts)) return null;
  if (!isTextOrNull(program_id) || !isTextOrNull(model)) return null;
  let fields = 0;
  for (const _ in value) fields++;
  if (fields !== 6) return null;
  return {
    iter: iter as number,
    score,
    best: best ?? betterOf(previousBest, score, direction),
    programId: program_id,
    model,
    ts,
  };
}

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || (typeof value === 'number' && Number.isFinite(value));
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
