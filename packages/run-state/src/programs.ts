import { z } from 'zod';
import {
  countOr,
  countOrNull,
  isObject,
  lenient,
  metrics,
  numberOr,
  numberOrNull,
  textList,
  textMap,
  textOrNull,
} from './fields.ts';
import { type ReadRecordsOptions, readRecords } from './read-records.ts';
import { recordFormat } from './record-format.ts';

/** One line of programs.jsonl, the journal: one completed iteration. Seconds are durations, `ts` is Unix seconds. */
export interface ProgramRecord {
  iter: number;
  id: string;
  parentId: string | null;
  inspirationIds: string[];
  island: number | null;
  generation: number;
  model: string | null;
  /** Null when the proposal gave no program. */
  code: string | null;
  /** What the proposal changed, in words. */
  changes: string | null;
  /** NaN where the value was not finite. */
  metrics: Record<string, number>;
  score: number | null;
  error: { kind: string; message: string } | null;
  artifacts: Record<string, string>;
  proposeSeconds: number | null;
  queueSeconds: number | null;
  evaluateSeconds: number | null;
  worker: string | null;
  /** USD; null when the price is not known or there was no call. */
  costUsd: number | null;
  ts: number;
}

const failure = lenient(z.object({ kind: z.string(), message: z.string() }).nullable(), (value) => {
  if (typeof value === 'string') return { kind: 'error', message: value };
  if (!isObject(value)) return null;
  const { kind, message } = value;
  return {
    kind: typeof kind === 'string' ? kind : 'error',
    message: typeof message === 'string' ? message : '',
  };
});

const format = recordFormat(
  'programs.jsonl',
  z.object({
    iter: z.int().min(0),
    id: z.string().min(1),
    parentId: textOrNull,
    inspirationIds: textList,
    island: countOrNull,
    generation: countOr(0),
    model: textOrNull,
    code: textOrNull,
    changes: textOrNull,
    metrics,
    score: numberOrNull,
    error: failure,
    artifacts: textMap,
    proposeSeconds: numberOrNull,
    queueSeconds: numberOrNull,
    evaluateSeconds: numberOrNull,
    worker: textOrNull,
    costUsd: numberOrNull,
    ts: numberOr(0),
  }),
);

/** The record as the object of its journal line; metrics that are not finite become null. @throws RunStateError `format` */
export const encodeProgramRecord: (record: ProgramRecord) => Record<string, unknown> = format.encode;

/** Only `iter` and `id` are required. @throws RunStateError `format` */
export const parseProgramRecord: (value: unknown) => ProgramRecord = format.decode;

/**
 * Reads the journal of a run directory, in file order; nothing when there is none.
 *
 * A line that cannot be read is left out, and `onProblem` hears which and why. A half-written last line is not there yet.
 */
export function readPrograms(dir: string, options: ReadRecordsOptions = {}): AsyncIterable<ProgramRecord> {
  return readRecords(dir, 'programs.jsonl', parseProgramRecord, options);
}
