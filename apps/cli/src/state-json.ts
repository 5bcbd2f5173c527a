import type { RunState } from '@kai/run-state';
import { recentRate, secondsLeft } from './rate.ts';

/** A run as `kai monitor --json` prints it: the facts of the viewer's live.json, without its chart. */
export function stateJson(state: RunState, { now }: { now: number }): Record<string, unknown> {
  const rate = recentRate(state.trajectory, state.active ? now : null);
  return {
    label: state.label,
    idx: state.idx,
    dir: state.dir,
    active: state.active,
    status: state.status,
    stop_reason: state.stopReason,
    error: state.error,
    iteration: state.iteration,
    max_iterations: state.maxIterations,
    initial_score: state.initialScore,
    best: state.best,
    best_program_id: state.bestProgramId,
    failed: state.failed,
    calls: state.calls,
    cost: state.cost,
    eta_seconds: state.active ? secondsLeft(state, { perSecond: rate, measured: state.trajectory.count - 1 }) : null,
    in_flight: state.inFlight,
    started_at: state.startedAt,
    updated_at: state.updatedAt,
    ended_at: state.endedAt,
  };
}
