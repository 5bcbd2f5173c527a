import { createEvaluator, type ProcessEvaluator } from '@kai/evaluator';
import { type KaiConfig, sectionsOf } from './config.ts';
import type { StopRequests } from './stop-requests.ts';

/** Starts the evaluator of a task as configured; null when the user asked to stop before it was ready. */
export async function openEvaluator(
  evaluatorPath: string,
  { config, requests }: { config: KaiConfig; requests: StopRequests },
): Promise<ProcessEvaluator | null> {
  const { concurrency, timeoutMs, maxOutputBytes } = sectionsOf(config).evaluator;
  try {
    return await createEvaluator({ evaluatorPath, concurrency, timeoutMs, maxOutputBytes, signal: requests.stop });
  } catch (error) {
    if (requests.stop.aborted) return null;
    throw error;
  }
}
