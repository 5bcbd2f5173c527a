import { isBetter } from './direction.ts';
import type { Direction } from './interfaces.ts';

/** Why a run ended. `user`: somebody asked for it; `error`: see the run's error. */
export type StopReason = 'max_iterations' | 'target_score' | 'model_failures' | 'user' | 'error';

/** What the stop rules look at. */
export interface SearchProgress {
  /** Completed iterations, without the initial program. */
  completed: number;
  best: number | null;
  /** Proposals in a row, up to now, that the model could not make. */
  modelFailuresInARow: number;
}

/** A small predicate over the search: the reason to stop, or null to go on. */
export type StopRule = (progress: SearchProgress) => StopReason | null;

export function stopAfter(maxIterations: number): StopRule {
  return ({ completed }) => (completed >= maxIterations ? 'max_iterations' : null);
}

/** Holds as soon as the best score equals the target or lies beyond it. */
export function stopAtScore(target: number, direction: Direction): StopRule {
  return ({ best }) => (best !== null && !isBetter(target, best, direction) ? 'target_score' : null);
}

export function stopAfterModelFailures(limit: number): StopRule {
  return ({ modelFailuresInARow }) => (modelFailuresInARow >= limit ? 'model_failures' : null);
}

/** The first reason that any rule gives. */
export function firstReason(rules: readonly StopRule[], progress: SearchProgress): StopReason | null {
  for (const rule of rules) {
    const reason = rule(progress);
    if (reason) return reason;
  }
  return null;
}
