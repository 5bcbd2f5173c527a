import { z } from 'zod';
import { countOrNull, flagOr, numberOr, numberOrNull, textOrNull } from './fields.ts';
import { type ReadRecordsOptions, readRecords } from './read-records.ts';
import { recordFormat } from './record-format.ts';

/** One line of usage.jsonl: one model call, retries included. */
export interface UsageRecord {
  /** Unix seconds. */
  ts: number;
  iter: number | null;
  model: string | null;
  inputTokens: number | null;
  outputTokens: number | null;
  /** USD; null when the price is not known. */
  costUsd: number | null;
  latencyMs: number | null;
  ok: boolean;
  error: string | null;
}

/** What a run has spent. */
export interface UsageTotals {
  /** Model calls: lines of usage.jsonl. */
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** USD, of the calls whose price is known; null when nothing is priced. */
  costUsd: number | null;
  unpricedCalls: number;
}

const format = recordFormat(
  'usage.jsonl',
  z.object({
    ts: numberOr(0),
    iter: countOrNull,
    model: textOrNull,
    inputTokens: countOrNull,
    outputTokens: countOrNull,
    costUsd: numberOrNull,
    latencyMs: numberOrNull,
    ok: flagOr(true),
    error: textOrNull,
  }),
);

/** The record as the object of its line in usage.jsonl. @throws RunStateError `format` */
export const encodeUsageRecord: (record: UsageRecord) => Record<string, unknown> = format.encode;

/** No field is required; `ok` is true when absent. @throws RunStateError `format` when the value is not an object. */
export const parseUsageRecord: (value: unknown) => UsageRecord = format.decode;

export const noUsage: UsageTotals = {
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: null,
  unpricedCalls: 0,
};

/** The totals with one more call. */
export function addUsage(totals: UsageTotals, record: UsageRecord): UsageTotals {
  return {
    calls: totals.calls + 1,
    inputTokens: totals.inputTokens + (record.inputTokens ?? 0),
    outputTokens: totals.outputTokens + (record.outputTokens ?? 0),
    costUsd: record.costUsd === null ? totals.costUsd : (totals.costUsd ?? 0) + record.costUsd,
    unpricedCalls: totals.unpricedCalls + (record.costUsd === null ? 1 : 0),
  };
}

/** Adds up usage.jsonl of a run directory; `noUsage` when there is none. Lines that cannot be read go to `onProblem`. */
export async function readUsageTotals(dir: string, options: ReadRecordsOptions = {}): Promise<UsageTotals> {
  let totals = noUsage;
  for await (const record of readRecords(dir, 'usage.jsonl', parseUsageRecord, options)) {
    totals = addUsage(totals, record);
  }
  return totals;
}
