import type { RunState } from '@kai/run-state';
import type { RunPage } from './load-run.ts';

/** The numbers of live.json and of each event: a contract, whose names and meanings stay. */
export function liveJson({ state, facts }: RunPage) {
  return {
    active: state.active,
    iteration: state.iteration,
    best: state.best,
    cost: state.cost,
    calls: state.calls,
    label: state.label,
    idx: state.idx,
    status: state.status,
    stop_reason: state.stopReason,
    error: state.error,
    source: state.source,
    direction: state.direction,
    max_iterations: state.maxIterations,
    initial_score: state.initialScore,
    best_program_id: state.bestProgramId,
    failed: facts.failed,
    unpriced_calls: state.unpricedCalls,
    eta_seconds: facts.etaSeconds,
    in_flight: state.inFlight.map(({ slot, iter, phase, since }) => ({ slot, iter, phase, since })),
    started_at: state.startedAt,
    updated_at: state.updatedAt,
    ended_at: state.endedAt,
  };
}

export type LiveJson = ReturnType<typeof liveJson>;

/** The JSON twin of a run's page. */
export function runJson(page: RunPage) {
  const { state, facts, goals, program, steps, step } = page;
  return {
    ...liveJson(page),
    dir: state.dir,
    target_score: goals.targetScore,
    reference_scores: goals.referenceScores,
    gain: facts.gain,
    gain_share: facts.gainShare,
    failed_share: facts.failedShare,
    iterations_since_gain: facts.iterationsSinceGain,
    last_gain_at: facts.lastGainAt,
    gap_seconds: facts.gapSeconds,
    improvements: gains(state).map(({ iter, score, gain, programId, ts }) => ({
      iter,
      score,
      gain,
      program_id: programId,
      ts,
    })),
    steps: steps.map((each) => ({
      step: each.step,
      best: each.best,
      best_program_id: each.bestProgramId,
      programs: each.programs,
    })),
    step: step?.step ?? null,
    program: program && {
      id: program.id,
      iteration: program.iteration,
      score: program.score,
      code: program.code,
      cut: program.isCut,
    },
    problems: state.problems.map(({ file, line, reason }) => ({ file, line, reason })),
  };
}

/** The improvements with what each gained on the one before, positive when better; null for the first. */
export function gains({ trajectory, direction }: RunState) {
  return trajectory.improvements.map((point, index) => {
    const before = trajectory.improvements[index - 1];
    const rise = before === undefined ? null : point.score - before.score;
    return { ...point, gain: rise !== null && direction === 'minimize' ? -rise : rise };
  });
}
