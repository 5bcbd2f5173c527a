import { z } from 'zod';
import { countOrNull, numberOr, textOrNull } from './fields.ts';
import { recordFormat } from './record-format.ts';

/** One line of prompts.jsonl: what a model was asked for an iteration, and what it said. */
export interface PromptRecord {
  /** First in the line, so that it is found without reading on. */
  iter: number;
  programId: string | null;
  model: string | null;
  /** The system message. */
  system: string | null;
  prompt: string | null;
  /** Null when none came. */
  reply: string | null;
  /** Which try of the iteration, from 1; null when not known. */
  attempt: number | null;
  /** Unix seconds. */
  ts: number;
}

const format = recordFormat(
  'prompts.jsonl',
  z.object({
    iter: z.int().min(0),
    programId: textOrNull,
    model: textOrNull,
    system: textOrNull,
    prompt: textOrNull,
    reply: textOrNull,
    attempt: countOrNull,
    ts: numberOr(0),
  }),
);

/** The record as the object of its line in prompts.jsonl. @throws RunStateError `format` */
export const encodePromptRecord: (record: PromptRecord) => Record<string, unknown> = format.encode;

/** Only `iter` is required. @throws RunStateError `format` */
export const parsePromptRecord: (value: unknown) => PromptRecord = format.decode;
