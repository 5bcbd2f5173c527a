import type { Trajectory } from '@kai/progress';
import type { UsageTotals } from './usage.ts';

/** What a run is doing; docs/run-directory.md says when each holds. */
export type RunStatus = 'running' | 'waiting' | 'stalled' | 'finished' | 'stopped' | 'failed' | 'interrupted' | 'idle';

/**
 * What shows a status that run.json does not say itself: the process is gone, stopped by a signal, or writes no heartbeat any
 * more; no iteration came for long; nothing in the directory changed.
 */
export type StatusReason = 'process_gone' | 'heartbeat_overdue' | 'suspended' | 'no_iteration' | 'unchanged';

export type Direction = 'maximize' | 'minimize';

/** What one slot is doing at the moment. `since` is in Unix seconds. */
export interface InFlight {
  slot: number;
  iter: number;
  phase: 'proposing' | 'waiting' | 'evaluating';
  since: number;
}

/** A line or file that could not be read, in words for people. */
export interface RunProblem {
  /** Path relative to the run directory. */
  file: string;
  /** 1-based; null when the problem is not about one line. */
  line: number | null;
  reason: string;
}

/** One run directory at one moment. Times are Unix seconds. */
export interface RunState {
  dir: string;
  label: string;
  idx: number;
  status: RunStatus;
  /** True for running, waiting and stalled. */
  active: boolean;
  /** Why it is interrupted, stalled or idle; null for every other status. */
  statusReason: StatusReason | null;
  /** e.g. `max_iterations`, `target_score`, `user`; null while active. */
  stopReason: string | null;
  error: string | null;
  /** Where iteration, best and curve come from. */
  source: 'feed' | 'checkpoints' | 'none';
  direction: Direction;
  /** Highest completed iteration. */
  iteration: number;
  maxIterations: number | null;
  initialScore: number | null;
  best: number | null;
  bestProgramId: string | null;
  /** Completed iterations without a score. */
  failed: number;
  /** Model calls: lines of usage.jsonl; null for a run of OpenEvolve, which keeps no count of them. */
  calls: number | null;
  /** USD; null when nothing is priced. */
  cost: number | null;
  unpricedCalls: number;
  /** All that usage.jsonl adds up to, also per model. */
  usage: UsageTotals;
  inFlight: InFlight[];
  startedAt: number | null;
  /** When the last iteration was recorded. */
  updatedAt: number | null;
  endedAt: number | null;
  trajectory: Trajectory;
  problems: RunProblem[];
}
