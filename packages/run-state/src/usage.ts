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

/** What calls have spent together. */
export interface UsageSum {
  /** Model calls: lines of usage.jsonl, failed ones and retries included. */
  calls: number;
  failedCalls: number;
  inputTokens: number;
  outputTokens: number;
  /** USD, of the calls whose price is known; null when nothing is priced. */
  costUsd: number | null;
  unpricedCalls: number;
}

/** The calls of one model. */
export interface ModelUsage extends UsageSum {
  /** Null for the calls that name no model. */
  model: string | null;
}

/** What a run has spent. */
export interface UsageTotals extends UsageSum {
  /** In the order of their first calls; at most 100, the calls of any further model are in the sum alone. */
  models: ModelUsage[];
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

const noUsage: UsageSum = {
  calls: 0,
  failedCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: null,
  unpricedCalls: 0,
};

const maxModels = 100;

/** Adds up usage, call by call. */
export class UsageCounter {
  readonly #sum = { ...noUsage };
  readonly #models = new Map<string | null, ModelUsage>();

  add(record: UsageRecord): void {
    addTo(this.#sum, record);
    const { model } = record;
    let usage = this.#models.get(model);
    if (usage === undefined && this.#models.size < maxModels) {
      usage = { model, ...noUsage };
      this.#models.set(model, usage);
    }
    if (usage !== undefined) addTo(usage, record);
  }

  totals(): UsageTotals {
    return { ...this.#sum, models: [...this.#models.values()].map((usage) => ({ ...usage })) };
  }
}

function addTo(sum: UsageSum, { ok, inputTokens, outputTokens, costUsd }: UsageRecord): void {
  sum.calls++;
  if (!ok) sum.failedCalls++;
  sum.inputTokens += inputTokens ?? 0;
  sum.outputTokens += outputTokens ?? 0;
  if (costUsd === null) sum.unpricedCalls++;
  else sum.costUsd = (sum.costUsd ?? 0) + costUsd;
}

/** Adds up usage.jsonl of a run directory; no calls when there is none. Lines that cannot be read go to `onProblem`. */
export async function readUsageTotals(dir: string, options: ReadRecordsOptions = {}): Promise<UsageTotals> {
  const counter = new UsageCounter();
  for await (const record of readRecords(dir, 'usage.jsonl', parseUsageRecord, options)) counter.add(record);
  return counter.totals();
}
