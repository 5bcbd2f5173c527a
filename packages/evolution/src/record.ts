import { type ProgramRecord, scoreOf } from '@kai/run-state';
import type { Database } from './database.ts';
import { isBetter } from './direction.ts';
import { missingFeature } from './features.ts';
import type { Direction, Evaluation, ProgramError, ProgramView, Proposal, ProposalOutcome } from './interfaces.ts';
import type { Program } from './program.ts';

/** What an iteration's journal record says before anything has happened. */
export function emptyRecord(iter: number, id: string, island: number): Omit<ProgramRecord, 'ts'> {
  return {
    iter,
    id,
    parentId: null,
    inspirationIds: [],
    island,
    generation: 0,
    model: null,
    code: null,
    changes: null,
    metrics: {},
    score: null,
    error: null,
    artifacts: {},
    proposeSeconds: null,
    queueSeconds: null,
    evaluateSeconds: null,
    worker: null,
    costUsd: null,
  };
}

/**
 * The part of a record that an evaluation decides. A program without a score always has a reason; one that lacks a metric
 * which is a feature dimension has no place in any grid, and so no score.
 */
export function outcomeOf(
  { metrics, artifacts, error, durationMs }: Evaluation,
  featureDimensions: readonly string[],
): Pick<ProgramRecord, 'metrics' | 'artifacts' | 'score' | 'error' | 'evaluateSeconds'> {
  const failed = (reason: ProgramError) => ({
    metrics,
    artifacts,
    score: null,
    error: reason,
    evaluateSeconds: durationMs / 1000,
  });
  if (error) return failed(error);
  const score = scoreOf(metrics, { featureDimensions });
  if (score === null) {
    return failed({ kind: 'no_score', message: 'The evaluator returned no finite number that can be a score.' });
  }
  const missing = missingFeature(metrics, featureDimensions);
  if (missing !== undefined) {
    const found = Object.keys(metrics).join(', ');
    const message = `The feature dimension "${missing}" is neither complexity, diversity, score nor one of the metrics: ${found}. Correct database.feature_dimensions or let the evaluator return it.`;
    return failed({ kind: 'missing_feature', message });
  }
  return { metrics, artifacts, score, error: null, evaluateSeconds: durationMs / 1000 };
}

/** USD of a proposal's calls; null when there was none or a price is unknown. */
export function costOf({ usage }: Proposal): number | null {
  let cost: number | null = null;
  for (const call of usage) {
    if (call.costUsd === null) return null;
    cost = (cost ?? 0) + call.costUsd;
  }
  return cost;
}

/**
 * Brings a completed iteration into the database: its program if it was scored, and the island's age.
 *
 * The one way in, live and when the journal is replayed, so that both end in the same state.
 */
export function fileRecord(database: Database, record: ProgramRecord): Program | null {
  const { iter: iteration, code, score, island, parentId, metrics } = record;
  const parent = parentId === null ? undefined : database.get(parentId);
  if (parent) parent.lastFailure = score === null ? record.error : null;
  let program: Program | null = null;
  if (code !== null && score !== null && database.hasPlaceFor(metrics)) {
    const { id, generation, changes, artifacts, ts } = record;
    program = database.add({
      id,
      code,
      parentId,
      island: island ?? 0,
      generation,
      iteration,
      ts,
      metrics,
      score,
      changes,
      artifacts,
    });
  }
  if (iteration > 0) database.completeIteration(island ?? 0);
  return program;
}

/** What the proposer hears of a completed iteration. */
export function observationOf(
  { iter, model, score, error }: ProgramRecord,
  parentScore: number | null,
  direction: Direction,
): ProposalOutcome {
  const improved = score !== null && (parentScore === null || isBetter(score, parentScore, direction));
  return { iteration: iter, model, parentScore, score, improved, error };
}

export function viewOf({ id, code, score, metrics, generation }: Program): ProgramView {
  return { id, code, score, metrics, generation };
}
