import { readProgress } from '@kai/progress';
import { listCheckpoints, type ProgramRecord, readCheckpoint, readPrograms } from '@kai/run-state';
import type { Database } from './database.ts';
import { EvolutionError } from './errors.ts';
import type { EvaluatedPrograms } from './evaluated-programs.ts';
import type { Direction, Proposer } from './interfaces.ts';
import { Iterations } from './iterations.ts';
import { fileRecord, observationOf } from './record.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';

export interface LoadedSearch {
  iterations: Iterations;
  initialScore: number | null;
  /** The checkpoint it starts from; null: the journal alone. */
  checkpoint: number | null;
  /** Iterations that the journal holds beyond the checkpoint. */
  replayed: number;
  /** Journalled iterations whose line in the feed a crash cut off. */
  missingFromFeed: ProgramRecord[];
}

/**
 * Brings an empty database and a fresh proposer to where a run was: the newest checkpoint that can be read, then the
 * journal after it. Iterations that were in flight are not in the journal; their numbers are given out again.
 *
 * Throws EvolutionError `nothing_to_resume` when the directory holds no scored program.
 */
export async function loadSearch(
  runDir: string,
  {
    database,
    proposer,
    evaluated,
    direction,
    onProblem,
  }: {
    database: Database;
    proposer: Proposer;
    evaluated: EvaluatedPrograms;
    direction: Direction;
    onProblem: (message: string) => void;
  },
): Promise<LoadedSearch> {
  const found = await newestSnapshot(runDir, onProblem);
  if (found) {
    database.restore(found.snapshot.programs, found.snapshot);
    if (found.snapshot.proposer !== null) proposer.restore?.(found.snapshot.proposer);
  }
  const iterations = new Iterations(found?.snapshot.done);
  const inFeed = new Set((await readProgress(runDir)).map(({ iter }) => iter));
  // Of every scored program, evicted ones too: a child's success is measured against its parent's score.
  const scores = new Map<string, number>(database.programs.map(({ id, score }) => [id, score]));
  const missingFromFeed: ProgramRecord[] = [];
  let initialScore: number | null = null;
  let replayed = 0;
  const records = readPrograms(runDir, {
    onProblem: ({ line, reason }) => onProblem(`Line ${line} of programs.jsonl is left out: ${reason}`),
  });
  for await (const record of records) {
    const { iter, id, parentId, code, score } = record;
    if (iter === 0) initialScore = score;
    if (code !== null) evaluated.add(code, id);
    if (score !== null) scores.set(id, score);
    if (!inFeed.has(iter)) missingFromFeed.push(record);
    if (iterations.has(iter)) continue;
    iterations.complete(iter);
    fileRecord(database, record);
    const parentScore = parentId === null ? undefined : scores.get(parentId.replace(/~\d+$/, ''));
    if (iter > 0) proposer.observe?.(observationOf(record, parentScore ?? null, direction));
    replayed++;
  }
  if (database.size === 0) {
    throw new EvolutionError(
      'nothing_to_resume',
      `Nothing to resume in ${runDir}: neither a checkpoint nor the journal holds a scored program. Start a new run.`,
    );
  }
  return { iterations, initialScore, checkpoint: found?.iteration ?? null, replayed, missingFromFeed };
}

/** The newest checkpoint that can be read; what stands in the way of a newer one is told. */
async function newestSnapshot(
  runDir: string,
  onProblem: (message: string) => void,
): Promise<{ iteration: number; snapshot: Snapshot } | null> {
  for (const iteration of (await listCheckpoints(runDir)).toReversed()) {
    try {
      const checkpoint = await readCheckpoint(runDir, iteration, {
        onProblem: ({ file, reason }) => {
          throw new Error(`${file}: ${reason}`);
        },
      });
      return { iteration, snapshot: readSnapshot(checkpoint) };
    } catch (error) {
      onProblem(`Checkpoint ${iteration} cannot be used, an older one is tried. ${(error as Error).message}`);
    }
  }
  return null;
}
