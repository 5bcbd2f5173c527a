import { join } from 'node:path';
import type { CheckpointMetadata } from './checkpoint-format.ts';
import {
  listCheckpoints,
  listProgramFiles,
  readCheckpoint,
  readCheckpointMetadata,
  readProgramFile,
} from './checkpoints.ts';
import { reasonOf } from './errors.ts';
import { isObject } from './fields.ts';
import { runPaths } from './paths.ts';
import { readJson } from './read-json.ts';
import type { Direction, RunProblem } from './run-state.ts';
import { scoreOf } from './score.ts';

/** One whole checkpoint, as a step of the run. */
export interface CheckpointStep {
  /** The iteration of the checkpoint. */
  step: number;
  best: number | null;
  bestProgramId: string | null;
  /** How many programs it holds. */
  programs: number;
}

/**
 * The whole checkpoints of a run as steps, ascending; none when there are none. Of each only the metadata and the best
 * program are read. A checkpoint that cannot be read is left out, and `onProblem` hears which and why.
 */
export async function readCheckpointSteps(
  runDir: string,
  { direction = 'maximize', onProblem }: { direction?: Direction; onProblem?: (problem: RunProblem) => void } = {},
): Promise<CheckpointStep[]> {
  const steps: CheckpointStep[] = [];
  for (const step of await listCheckpoints(runDir)) {
    try {
      const metadata = await readCheckpointMetadata(runDir, step);
      const programs = (await listProgramFiles(runDir, step)).length;
      steps.push({ step, programs, ...(await bestOf(runDir, metadata, direction)) });
    } catch (error) {
      onProblem?.({ file: `checkpoints/checkpoint_${step}/metadata.json`, line: null, reason: reasonOf(error) });
    }
  }
  return steps;
}

async function bestOf(
  runDir: string,
  metadata: CheckpointMetadata,
  direction: Direction,
): Promise<{ best: number | null; bestProgramId: string | null }> {
  const { iteration, bestProgramId } = metadata;
  const folder = `checkpoints/checkpoint_${iteration}`;
  if (bestProgramId !== null) {
    const program = await readProgramFile(runDir, `${folder}/programs/${bestProgramId}.json`, { metadata });
    if (program !== null) return { best: program.score, bestProgramId };
  }
  const info = await readBestInfo(join(runPaths(runDir).checkpoints, `checkpoint_${iteration}`), metadata);
  if (info !== null) return info;
  let best: { best: number | null; bestProgramId: string | null } = { best: null, bestProgramId };
  for (const { id, score } of (await readCheckpoint(runDir, iteration)).programs) {
    if (score === null) continue;
    if (best.best !== null && (direction === 'minimize' ? score >= best.best : score <= best.best)) continue;
    best = { best: score, bestProgramId: id };
  }
  return best;
}

async function readBestInfo(
  folder: string,
  metadata: CheckpointMetadata,
): Promise<{ best: number; bestProgramId: string | null } | null> {
  try {
    const info = await readJson(join(folder, 'best_program_info.json'));
    if (!isObject(info) || !isObject(info.metrics)) return null;
    const best = scoreOf(info.metrics, { featureDimensions: Object.keys(metadata.featureStats) });
    const id = typeof info.id === 'string' ? info.id : metadata.bestProgramId;
    return best === null ? null : { best, bestProgramId: id };
  } catch {
    return null;
  }
}
