import { isFiniteNumber, isObject } from './fields.ts';
import { readRunConfig } from './run-config.ts';

/** What a run's scores are measured against, from its configuration. */
export interface RunGoals {
  /** The score at which the run stops; null when none was set. */
  targetScore: number | null;
  /** Known scores by name, e.g. the best one published. */
  referenceScores: Record<string, number>;
}

/**
 * Reads `target_score` and `reference_scores` of a run's configuration; without one, or without them, there are none.
 *
 * @throws RunStateError `format` or `io` when config.json is there and cannot be read
 */
export async function readRunGoals(runDir: string): Promise<RunGoals> {
  const config = (await readRunConfig(runDir))?.config;
  const { target_score: target, reference_scores: references } = isObject(config) ? config : {};
  const named = Object.entries(isObject(references) ? references : {});
  return {
    targetScore: isFiniteNumber(target) ? target : null,
    referenceScores: Object.fromEntries(named.filter((entry): entry is [string, number] => isFiniteNumber(entry[1]))),
  };
}
