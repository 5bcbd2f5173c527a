import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProgressRecord, progressTrajectory, type Trajectory } from '@kai/progress';
import { type CheckpointStep, readCheckpointSteps } from './checkpoint-steps.ts';
import { listCheckpoints, listProgramFiles, readCheckpointMetadata, readProgramFile } from './checkpoints.ts';
import { reasonOf } from './errors.ts';
import { runPaths } from './paths.ts';
import type { Direction, RunProblem } from './run-state.ts';
import type { StoredProgram } from './stored-program.ts';

/** What the checkpoints of a run without a feed tell. */
export interface CheckpointView {
  steps: CheckpointStep[];
  trajectory: Trajectory;
  initialScore: number | null;
  firstTs: number | null;
  lastTs: number | null;
}

/**
 * Reads the checkpoints of one run: the union of their programs, since the newest may have lost what an older one holds.
 * A program file is read once, under whichever checkpoint it is first met.
 */
export class CheckpointReader {
  problems: RunProblem[] = [];
  readonly #dir: string;
  readonly #maxSamples: number | undefined;
  readonly #records = new Map<string, ProgressRecord | null>();
  #seen = '';
  #view: CheckpointView | null = null;

  constructor(dir: string, { maxSamples }: { maxSamples?: number | undefined } = {}) {
    this.#dir = dir;
    this.#maxSamples = maxSamples;
  }

  /** Null when there is no whole checkpoint. */
  async read(direction: Direction): Promise<CheckpointView | null> {
    const iterations = await listCheckpoints(this.#dir);
    const seen = [direction, ...(await Promise.all(iterations.map((iteration) => this.#stampOf(iteration))))].join(' ');
    if (seen === this.#seen) return this.#view;
    this.problems = [];
    for (const iteration of iterations) await this.#readPrograms(iteration);
    const steps = await readCheckpointSteps(this.#dir, { direction });
    this.#view = iterations.length === 0 ? null : this.#makeView(steps, direction);
    this.#seen = seen;
    return this.#view;
  }

  /** Changes when the checkpoint is written anew. Other writers write metadata.json in place, and last. */
  async #stampOf(iteration: number): Promise<string> {
    const path = join(runPaths(this.#dir).checkpoints, `checkpoint_${iteration}`, 'metadata.json');
    const stats = await stat(path).catch(() => null);
    return `${iteration}:${stats?.size}:${stats?.mtimeMs}`;
  }

  async #readPrograms(iteration: number): Promise<void> {
    const onProblem = (problem: RunProblem) => this.problems.push(problem);
    try {
      const metadata = await readCheckpointMetadata(this.#dir, iteration);
      for (const file of await listProgramFiles(this.#dir, iteration)) {
        if (this.#records.has(file)) continue;
        const path = `checkpoints/checkpoint_${iteration}/programs/${file}`;
        const program = await readProgramFile(this.#dir, path, { metadata, onProblem });
        if (program !== null) this.#records.set(file, isMigrant(program) ? null : recordOf(program));
      }
    } catch (error) {
      onProblem({ file: `checkpoints/checkpoint_${iteration}/metadata.json`, line: null, reason: reasonOf(error) });
    }
  }

  #makeView(steps: CheckpointStep[], direction: Direction): CheckpointView {
    const records = [...this.#records.values()].filter((record) => record !== null);
    const known = new Set(this.#records.keys());
    for (const { step, best, bestProgramId } of steps) {
      // The best of a step whose program file is gone: known from best_program_info.json alone.
      if (best === null || known.has(`${bestProgramId}.json`)) continue;
      records.push({ iter: step, score: best, best: null, programId: bestProgramId, model: null, ts: 0 });
    }
    records.sort((a, b) => a.iter - b.iter || a.ts - b.ts);
    const times = records.map(({ ts }) => ts).filter((ts) => ts > 0);
    const trajectory = progressTrajectory(records, {
      direction,
      ...(this.#maxSamples && { maxSamples: this.#maxSamples }),
    });
    return {
      steps,
      trajectory: { ...trajectory, iteration: Math.max(trajectory.iteration, steps.at(-1)?.step ?? 0) },
      initialScore: records.find(({ iter }) => iter === 0)?.score ?? null,
      firstTs: times.reduce<number | null>((least, ts) => (least === null || ts < least ? ts : least), null),
      lastTs: times.reduce<number | null>((most, ts) => (most === null || ts > most ? ts : most), null),
    };
  }
}

/** A copy that migration made is no new measurement: kai marks its id, OpenEvolve gives it iteration 0 and a parent. */
function isMigrant({ id, iterationFound, parentId }: StoredProgram): boolean {
  return id.includes('~') || (iterationFound === 0 && parentId !== null);
}

function recordOf({ id, iterationFound, score, timestamp }: StoredProgram): ProgressRecord {
  return { iter: iterationFound, score, best: null, programId: id, model: null, ts: timestamp };
}
