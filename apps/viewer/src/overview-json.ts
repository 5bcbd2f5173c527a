import type { Overview } from './load-overview.ts';

/** The JSON twin of the overview. */
export function overviewJson({ query, setups, total, shown, live }: Overview) {
  return {
    active: live > 0,
    label: query.label,
    q: query.q,
    sort: query.sort,
    dir: query.dir,
    total,
    shown,
    live,
    setups: setups.map(({ label, direction, best, runs }) => ({
      label,
      direction,
      best,
      runs: runs.map((run) => ({
        idx: run.idx,
        status: run.status,
        active: run.active,
        stop_reason: run.stopReason,
        best: run.best,
        gain: run.gain,
        iteration: run.iteration,
        max_iterations: run.maxIterations,
        failed: run.failed,
        calls: run.calls,
        cost: run.cost,
        started_at: run.startedAt,
        updated_at: run.updatedAt,
        ended_at: run.endedAt,
      })),
    })),
  };
}
