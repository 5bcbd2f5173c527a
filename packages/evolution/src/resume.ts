import { readProgress } from '@kai/progress';
import { listCheckpoints, type ProgramRecord, readCheckpoint, readPrograms } from '@kai/run-state';
import type { Database } from './database.ts';
import { EvolutionError } from './errors.ts';
import type { EvaluatedPrograms } from './evaluated-programs.ts';
import type { Direction, Json, ProposalOutcome, Proposer } from './interfaces.ts';
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
 * A run that ended before its initial program was scored starts with that. Throws EvolutionError `nothing_to_resume` when it
 * could not be scored, and `islands_changed` when the run had more islands, or a checkpoint another number of them.
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
  const islands = database.islands.length;
  if (found) {
    refuseOtherIslands(found.snapshot.islandGenerations.length, islands);
    database.restore(found.snapshot.programs, found.snapshot);
  }
  const remembers = found !== null && restoreProposer(proposer, found.snapshot.proposer, onProblem);
  const iterations = new Iterations(found?.snapshot.done);
  const inFeed = new Set((await readProgress(runDir)).map(({ iter }) => iter));
  // Of every scored program, evicted ones too: a child's success is measured against its parent's score.
  const scores = new Map<string, number>(database.programs.map(({ id, score }) => [id, score]));
  const missingFromFeed: ProgramRecord[] = [];
  let initialScore = database.programs.find(({ iteration }) => iteration === 0)?.score ?? null;
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
    const isNew = !iterations.has(iter);
    if (iter > 0 && (isNew || !remembers)) {
      const parentScore = parentId === null ? undefined : scores.get(parentId.replace(/~\d+$/, ''));
      tell(proposer, observationOf(record, parentScore ?? null, direction), onProblem);
    }
    if (!isNew) continue;
    refuseOtherIslands((record.island ?? 0) + 1, islands, { atLeast: true });
    iterations.complete(iter);
    fileRecord(database, record);
    replayed++;
  }
  if (iterations.has(0) && database.size === 0) {
    throw new EvolutionError(
      'nothing_to_resume',
      `Nothing to resume in ${runDir}: its initial program could not be scored. Start a new run.`,
    );
  }
  return { iterations, initialScore, checkpoint: found?.iteration ?? null, replayed, missingFromFeed };
}

/** Lets the proposer hear an outcome; one that throws must not end the run. */
export function tell(proposer: Proposer, outcome: ProposalOutcome, onProblem: (message: string) => void): void {
  try {
    proposer.observe?.(outcome);
  } catch (error) {
    onProblem(`The proposer failed to take note of iteration ${outcome.iteration}. ${reasonOf(error)}`);
  }
}

/** Whether the proposer has its memory back; without it, it hears the whole journal again. */
function restoreProposer(proposer: Proposer, state: Json, onProblem: (message: string) => void): boolean {
  if (state === null || !proposer.restore) return state === null && !proposer.snapshot;
  try {
    proposer.restore(state);
    return true;
  } catch (error) {
    onProblem(
      `The proposer cannot use what the checkpoint holds of it; it learns from the journal. ${reasonOf(error)}`,
    );
    return false;
  }
}

function refuseOtherIslands(found: number, configured: number, { atLeast = false } = {}): void {
  if (found === configured || (atLeast && found < configured)) return;
  throw new EvolutionError(
    'islands_changed',
    `The run was made with ${atLeast ? 'at least ' : ''}${found} islands, and database.num_islands says ${configured}. Set it back to go on with this run.`,
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
