import type { RunState } from '@kai/run-state';

/** What pages say about a run beyond its state. All of it follows from the state; no clock is needed. */
export interface RunFacts {
  /** Best minus initial score, positive when better in the run's direction; null without both. */
  gain: number | null;
  /** `gain` as a share of the initial score; null where that has no meaning (initial score 0 or of the other sign). */
  gainShare: number | null;
  /** Completed iterations without a score, the initial program among them; null where the run does not record them all. */
  failed: number | null;
  /** `failed` as a share of all that was completed, 0 to 1; null before the first. */
  failedShare: number | null;
  /** Iterations from the last improvement to now; null before there is one. */
  iterationsSinceGain: number | null;
  /** When the best was found, Unix seconds. */
  lastGainAt: number | null;
  /** Until the maximum of iterations, at the pace of late; null for a run that is not active or has no pace. */
  etaSeconds: number | null;
  /** Seconds between iterations of late; null when unknown. */
  gapSeconds: number | null;
}

/** Derives what pages say about a run. */
export function runFacts(state: RunState): RunFacts {
  const { trajectory, best, initialScore, iteration, maxIterations, active, direction } = state;
  const gain =
    best === null || initialScore === null
      ? null
      : direction === 'minimize'
        ? initialScore - best
        : best - initialScore;
  const last = trajectory.improvements.at(-1);
  const gapSeconds = recentGap(state);
  const failed = recordsFailures(state) ? trajectory.failed : null;
  const remaining = maxIterations === null ? null : Math.max(0, maxIterations - iteration);
  return {
    gain,
    gainShare: gain === null || !hasShare(initialScore!, best!) ? null : gain / Math.abs(initialScore!),
    failed,
    failedShare: trajectory.count === 0 || failed === null ? null : failed / trajectory.count,
    iterationsSinceGain: last === undefined ? null : Math.max(0, iteration - last.iter),
    lastGainAt: last !== undefined && last.ts > 0 ? last.ts : null,
    etaSeconds: active && remaining !== null && gapSeconds !== null ? remaining * gapSeconds : null,
    gapSeconds,
  };
}

/**
 * A feed tells of every failure, and so does a log of OpenEvolve, which alone gives a run without run.json (and so without a
 * count of calls) a maximum. Checkpoints hold what worked, and only some of that.
 */
function recordsFailures({ source, calls, maxIterations }: RunState): boolean {
  return source !== 'checkpoints' || (calls === null && maxIterations !== null);
}

function hasShare(initial: number, best: number): boolean {
  return initial !== 0 && Math.sign(initial) === Math.sign(best);
}

/** Over the last samples only: a run that was resumed after a night keeps its pace. */
function recentGap({ trajectory }: RunState): number | null {
  const late = trajectory.samples.slice(-50).filter(({ ts }) => ts > 0);
  const [first] = late;
  const last = late.at(-1);
  if (first === undefined || last === undefined || last.iter <= first.iter || last.ts <= first.ts) return null;
  return (last.ts - first.ts) / (last.iter - first.iter);
}
