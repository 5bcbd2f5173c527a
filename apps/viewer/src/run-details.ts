import {
  type CheckpointStep,
  type RunGoals,
  type RunState,
  readBestProgram,
  readCheckpoint,
  readCheckpointSteps,
  readPrograms,
  readRunGoals,
} from '@kai/run-state';

/** A program as a page shows it. */
export interface ShownProgram {
  id: string;
  /** The iteration that found it. */
  iteration: number;
  score: number | null;
  /** At most `maxCodeLength` characters of it. */
  code: string;
  isCut: boolean;
  /** Lines of the whole program. */
  lines: number;
}

/** A failure as a page shows it. */
export interface ShownFailure {
  iteration: number;
  kind: string;
  message: string;
  /** The end of what the program wrote to stderr, or else to stdout; empty when it is not known. */
  output: string;
}

/** Characters of code that a page carries. */
const maxCodeLength = 32_000;
/** Characters of a failed program's output. */
const maxOutputLength = 4000;

/** What a page needs beside the state and is read from other files. */
export interface RunDetails {
  program: ShownProgram | null;
  /** Only for a run without a feed: its checkpoints, ascending. */
  steps: CheckpointStep[];
  goals: RunGoals;
  /** The first failure of a run that ended without a score; null for any other. */
  failure: ShownFailure | null;
}

const noGoals: RunGoals = { targetScore: null, referenceScores: {} };

/** Reads the details of runs; once per state, and a best program once for as long as it is the best. */
export class RunDetailReader {
  readonly #details = new WeakMap<RunState, Promise<RunDetails>>();
  readonly #programs = new Map<string, ShownProgram>();

  /** Never rejects for what is in the directory. */
  read(state: RunState): Promise<RunDetails> {
    let details = this.#details.get(state);
    if (details === undefined) {
      details = this.#read(state);
      this.#details.set(state, details);
    }
    return details;
  }

  async #read(state: RunState): Promise<RunDetails> {
    const { dir, direction } = state;
    const steps = state.source === 'feed' ? [] : await readCheckpointSteps(dir, { direction }).catch(() => []);
    const goals = await readRunGoals(dir).catch(() => noGoals);
    const failure = state.active || state.best !== null ? null : await readFirstFailure(dir).catch(() => null);
    return {
      steps,
      goals,
      failure,
      program: (await this.#readBest(state)) ?? (await readStepProgram(dir, steps.at(-1))),
    };
  }

  async #readBest({ dir, bestProgramId }: RunState): Promise<ShownProgram | null> {
    const known = this.#programs.get(dir);
    if (known !== undefined && known.id === bestProgramId) return known;
    const best = await readBestProgram(dir);
    if (best === null) return null;
    const shown = show(best);
    this.#programs.delete(dir);
    this.#programs.set(dir, shown);
    const [oldest] = this.#programs.keys();
    if (this.#programs.size > 32 && oldest !== undefined) this.#programs.delete(oldest);
    return shown;
  }
}

async function readFirstFailure(dir: string): Promise<ShownFailure | null> {
  for await (const { iter, error, artifacts } of readPrograms(dir)) {
    if (error === null) continue;
    const { stderr = '', stdout = '' } = artifacts;
    return { iteration: iter, ...error, output: (stderr.trim() || stdout.trim()).slice(-maxOutputLength) };
  }
  return null;
}

/** The best program of a checkpoint; null when there is none that can be read. */
export async function readStepProgram(dir: string, step: CheckpointStep | undefined): Promise<ShownProgram | null> {
  if (step === undefined) return null;
  try {
    const { programs } = await readCheckpoint(dir, step.step);
    const best = programs.find(({ id }) => id === step.bestProgramId);
    return best === undefined ? null : show({ ...best, iteration: best.iterationFound });
  } catch {
    return null;
  }
}

function show({
  id,
  iteration,
  score,
  code,
}: {
  id: string;
  iteration: number;
  score: number | null;
  code: string;
}): ShownProgram {
  const isCut = code.length > maxCodeLength;
  const lines = code === '' ? 0 : code.replace(/\n$/, '').split('\n').length;
  return { id, iteration, score, code: isCut ? code.slice(0, maxCodeLength) : code, isCut, lines };
}
