import type { FoundRun } from './name-runs.ts';
import { RunFinder } from './run-finder.ts';

/**
 * Finds the runs in `root`, sorted by label and idx: the root itself, or what lies up to three folders below it.
 *
 * A directory with run.json, progress.jsonl, a checkpoint or what else OpenEvolve leaves is a run, and nothing below it is
 * looked at. One `checkpoint_<N>` and a `checkpoints` folder can be the root too. A foreign run
 * (not at `<label>/run_<idx>`) gets a short hash of its path behind its label when another run has that label and idx; of
 * kai's own runs, all but the one closest to the root do.
 * Symbolic links are not followed. What cannot be read holds no runs; a missing root is [].
 */
export function findRuns(root: string): Promise<FoundRun[]> {
  return new RunFinder(root).find();
}
