import { z } from 'zod';
import { countOr, countOrNull, isObject, lenient, numberOr, textMap, textOrNull } from '../fields.ts';
import { recordFormat } from '../record-format.ts';

/** One line of `evolution_trace.jsonl`: a child and what it came from. `timestamp` is Unix seconds. */
export interface TraceRecord {
  iteration: number;
  timestamp: number;
  parentId: string | null;
  childId: string;
  childMetrics: Record<string, unknown>;
  /** Null unless the trace was told to include code. */
  childCode: string | null;
  prompt: { system: string; user: string } | null;
  llmResponse: string | null;
  islandId: number | null;
  generation: number;
  artifacts: Record<string, string>;
  metadata: Record<string, unknown>;
}

const anyObject = lenient(z.record(z.string(), z.unknown()), (value) => (isObject(value) ? value : {}));

const format = recordFormat(
  'evolution_trace.jsonl',
  z.object({
    iteration: countOr(0),
    timestamp: numberOr(0),
    parentId: textOrNull,
    childId: z.string().min(1),
    childMetrics: anyObject,
    childCode: textOrNull,
    prompt: lenient(z.object({ system: z.string(), user: z.string() }).nullable(), (value) =>
      isObject(value) ? { system: textOf(value.system), user: textOf(value.user) } : null,
    ),
    llmResponse: textOrNull,
    islandId: countOrNull,
    generation: countOr(0),
    artifacts: textMap,
    metadata: anyObject,
  }),
);

/** Only `child_id` is required. @throws RunStateError `format` */
export const parseTraceRecord: (value: unknown) => TraceRecord = format.decode;

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
