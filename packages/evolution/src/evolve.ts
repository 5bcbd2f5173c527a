import { setMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import {
  type Checkpoint,
  encodeProgramRecord,
  encodeUsageRecord,
  openRun,
  type ProgramRecord,
  type RunHandle,
  readManifest,
  runPaths,
  writeBest,
  writeCheckpoint,
  writeManifest,
} from '@kai/run-state';
import { abortable } from './abortable.ts';
import { checkEvaluation, checkProposal } from './answers.ts';
import type { EvolutionConfig } from './config.ts';
import { Database } from './database.ts';
import { isBetter } from './direction.ts';
import { applyEdit } from './edit.ts';
import { EvolutionError } from './errors.ts';
import { EvaluatedPrograms } from './evaluated-programs.ts';
import { findEvolveBlocks } from './evolve-block.ts';
import type { Evaluation, Evaluator, ProgramError, Proposal, Proposer } from './interfaces.ts';
import { Iterations } from './iterations.ts';
import { languageOf } from './language.ts';
import { LatestWins } from './latest-wins.ts';
import { PatientWriter } from './patient-writer.ts';
import type { Program } from './program.ts';
import { buildPrompt } from './prompt.ts';
import { programIdFor, randomFrom, seedFor } from './random.ts';
import { costOf, emptyRecord, fileRecord, observationOf, outcomeOf, viewOf } from './record.ts';
import { loadSearch, tell } from './resume.ts';
import { takeSnapshot, toStored } from './snapshot.ts';
import { firstReason, type StopReason, type StopRule, stopAfter, stopAfterModelFailures, stopAtScore } from './stop.ts';

export interface EvolveOptions {
  /** Created when missing. Refused when it already holds a run, unless `resume`. */
  runDir: string;
  label: string;
  /** Default: what the path says. */
  idx?: number;
  initialProgram: { code: string; extension: string };
  config: EvolutionConfig;
  proposer: Proposer;
  /** Stays open; whoever made it closes it. */
  evaluator: Evaluator;
  /** Iterations in flight. Default 1, which makes a run repeatable to the byte. */
  concurrency?: number;
  /** Goes on with the run in `runDir`: newest whole checkpoint, then the journal after it. Default false. */
  resume?: boolean;
  /** A hash of the task's evaluator, for the manifest. */
  evaluatorSha256?: string | null;
  /** Ends the run in order: nothing new is started, what is in flight ends. */
  stopSignal?: AbortSignal;
  /** Ends the run now: what is in flight is cancelled and not recorded. */
  signal?: AbortSignal;
  /**
   * Called once the directory is this run's own and before anything is evaluated: the time to write beside the run what
   * must not reach the directory of another one. A rejection ends the run as failed with that error.
   */
  onOpen?: () => Promise<void> | void;
  /** Hears what happens. A listener that throws is not called again; the run goes on. */
  onEvent?: (event: EvolutionEvent) => void;
  /** Unix seconds. Default: the real clock. */
  now?: () => number;
}

export type EvolutionEvent =
  /** An iteration was completed and recorded. */
  | { type: 'iteration'; record: ProgramRecord; best: number | null; isNewBest: boolean; completed: number }
  | { type: 'checkpoint'; iteration: number; path: string }
  /** A run was taken up again. `checkpoint` is null when there was none and the journal alone was read. */
  | { type: 'resumed'; checkpoint: number | null; replayed: number; completed: number }
  /** Nothing new is started from here on. */
  | { type: 'stopping'; reason: StopReason }
  /** Something went wrong that the run survives. */
  | { type: 'problem'; message: string };

export interface EvolutionResult {
  status: 'finished' | 'stopped' | 'failed';
  stopReason: StopReason;
  error: string | null;
  /** Completed iterations, without the initial program. */
  completed: number;
  initialScore: number | null;
  best: { id: string; score: number; code: string; metrics: Record<string, number>; iteration: number } | null;
}

/**
 * Runs the evolution loop until a stop rule holds, and leaves a whole run directory behind.
 *
 * Each iteration samples a parent on its island, asks the proposer for an edit, applies it inside the EVOLVE-BLOCKs,
 * has the child scored, and files it; then one line goes to the journal and one to the feed. A failed iteration is
 * recorded with its reason and counts. Neither a feed, a manifest nor a checkpoint that cannot be written ends the run.
 *
 * Resolves also when the run fails (`status` says so). Rejects with EvolutionError for an initial program or options that
 * cannot work and for nothing to resume, and with RunStateError for a directory that is in use; none of these changes what a
 * directory says of its run.
 */
export async function evolve(options: EvolveOptions): Promise<EvolutionResult> {
  checkOptions(options);
  const search = new Search(options);
  await search.open();
  return search.run();
}

function checkOptions({ initialProgram, config, concurrency = 1 }: EvolveOptions): void {
  findEvolveBlocks(initialProgram.code);
  const { length } = initialProgram.code;
  if (length > config.max_code_length) {
    throw new EvolutionError(
      'initial_program_too_long',
      `The initial program has ${length} characters and max_code_length allows ${config.max_code_length}, so that no edit of it could be accepted. Set max_code_length to at least ${2 * length}.`,
    );
  }
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new EvolutionError('invalid_options', `concurrency must be a whole number from 1, got ${concurrency}.`);
  }
}

/** One run of the loop: the database, the files it writes, and what is in flight. */
class Search {
  readonly #options: EvolveOptions;
  readonly #config: EvolutionConfig;
  readonly #database: Database;
  readonly #language: string;
  readonly #now: () => number;
  readonly #stopRules: StopRule[];
  readonly #journal: PatientWriter;
  readonly #usage: PatientWriter;
  readonly #bestWrites = new LatestWins();
  /** Cancels what is in flight: asked for from outside, a target that was reached, or a fault. */
  readonly #cancel = new AbortController();
  readonly #evaluated = new EvaluatedPrograms();
  #handle!: RunHandle;
  #iterations = new Iterations();
  #initialScore: number | null = null;
  #modelFailuresInARow = 0;
  #lastModelFailure: string | null = null;
  #stopReason: StopReason | null = null;
  #error: string | null = null;
  #lastCheckpoint: number | null = null;
  #checkpointWrites: Promise<void> = Promise.resolve();
  #unwrittenCheckpoints = 0;
  #savedBest: string | null = null;
  #savingBest: string | null = null;
  #saidUnsaved = false;
  #lastPause = performance.now();
  #listening = true;
  #saidMean = false;
  #slots: ({ iter: number; phase: 'proposing' | 'evaluating'; since: number } | null)[] = [];

  constructor(options: EvolveOptions) {
    const { config, runDir } = options;
    this.#options = options;
    this.#config = config;
    this.#database = new Database(config.database, config.direction);
    this.#language = config.language ?? languageOf(options.initialProgram.extension);
    this.#now = options.now ?? (() => Date.now() / 1000);
    this.#stopRules = [
      stopAfter(config.max_iterations),
      stopAfterModelFailures(config.max_consecutive_model_failures),
      ...(config.target_score === null ? [] : [stopAtScore(config.target_score, config.direction)]),
    ];
    // Every evaluation and proposal in flight listens to it.
    setMaxListeners(0, this.#cancel.signal);
    const paths = runPaths(runDir);
    const unwritten = (file: string) => (error: Error) =>
      this.#problem(`Could not append to ${file}; its lines are kept and written later. ${error.message}`);
    this.#journal = new PatientWriter(paths.journal, unwritten(paths.journal));
    this.#usage = new PatientWriter(paths.usage, unwritten(paths.usage));
  }

  async open(): Promise<void> {
    const { runDir, label, idx, resume = false, evaluatorSha256 = null, proposer } = this.#options;
    const { max_iterations: maxIterations, direction, random_seed: seed } = this.#config;
    const before = resume ? await readManifest(runDir) : null;
    this.#handle = await openRun(runDir, {
      label,
      idx,
      maxIterations,
      direction,
      seed,
      evaluatorSha256,
      resume,
      onError: (error) => this.#problem(`The run's progress could not be recorded; the run goes on. ${error.message}`),
    });
    try {
      await this.#options.onOpen?.();
    } catch (error) {
      this.#stop('error', reasonOf(error));
    }
    if (!resume) return;
    try {
      const loaded = await loadSearch(runDir, {
        database: this.#database,
        proposer,
        evaluated: this.#evaluated,
        direction,
        onProblem: (message) => this.#problem(message),
      });
      this.#iterations = loaded.iterations;
      this.#initialScore = loaded.initialScore;
      this.#lastCheckpoint = loaded.checkpoint;
      for (const record of loaded.missingFromFeed) this.#appendToFeed(record);
      this.#emit({
        type: 'resumed',
        checkpoint: loaded.checkpoint,
        replayed: loaded.replayed,
        completed: this.#iterations.completed,
      });
    } catch (error) {
      await this.#handle.finish({ status: 'failed', stopReason: 'error', error: reasonOf(error) });
      if (before) await writeManifest(runDir, before);
      throw error;
    }
  }

  async run(): Promise<EvolutionResult> {
    const { stopSignal, signal, concurrency = 1 } = this.#options;
    const onStop = () => this.#stop('user');
    const onAbort = () => {
      this.#stop('user');
      this.#cancel.abort(signal?.reason);
    };
    stopSignal?.addEventListener('abort', onStop, { once: true });
    signal?.addEventListener('abort', onAbort, { once: true });
    if (stopSignal?.aborted) onStop();
    if (signal?.aborted) onAbort();
    try {
      this.#saveBest();
      this.#slots = Array.from({ length: concurrency }, () => null);
      if (this.#stopReason === null && !this.#iterations.has(0)) {
        await this.#guard(() => this.#evaluateInitialProgram());
      }
      this.#checkStopRules();
      await Promise.all(this.#slots.map((_, slot) => this.#guard(() => this.#work(slot))));
    } finally {
      stopSignal?.removeEventListener('abort', onStop);
      signal?.removeEventListener('abort', onAbort);
    }
    return this.#finish();
  }

  /** Takes iterations one after another until there is a reason to stop. */
  async #work(slot: number): Promise<void> {
    while (this.#stopReason === null && this.#iterations.upcoming <= this.#config.max_iterations) {
      // A disk that is slower than the search holds it back, so that waiting checkpoints cannot fill the memory.
      if (this.#unwrittenCheckpoints > 1) {
        await this.#checkpointWrites;
        continue;
      }
      // Iterations that wait for nothing would otherwise keep signals and timers from being heard.
      if (performance.now() - this.#lastPause > 20) {
        await setImmediate();
        this.#lastPause = performance.now();
        continue;
      }
      await this.#iterate(this.#iterations.start(), slot);
    }
  }

  /** Turns a fault of the evaluator or of our own into the end of the run; a cancelled slot just ends. */
  async #guard(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      if (this.#cancel.signal.aborted) return;
      this.#stop('error', reasonOf(error));
      this.#cancel.abort(error);
    }
  }

  async #evaluateInitialProgram(): Promise<void> {
    const { code } = this.#options.initialProgram;
    const id = programIdFor(this.#config.random_seed, this.#iterations.start());
    this.#occupy(0, { iter: 0, phase: 'evaluating' });
    this.#evaluated.add(code, id);
    const { evaluation, queueSeconds } = await this.#evaluate(id, code);
    this.#occupy(0, null);
    const outcome = this.#outcomeOf(evaluation);
    this.#initialScore = outcome.score;
    this.#complete({ ...emptyRecord(0, id, 0), code, ...outcome, queueSeconds });
    if (outcome.error) {
      this.#stop(
        'error',
        `The initial program could not be scored, so there is nothing to improve: ${outcome.error.message}`,
      );
    }
  }

  async #iterate(iteration: number, slot: number): Promise<void> {
    const { random_seed: seed, prompt, direction, max_code_length: maxCodeLength } = this.#config;
    const island = iteration % this.#database.islands.length;
    const { parent, inspirations } = this.#database.sample(island, {
      random: randomFrom(seedFor(seed, iteration, 'sample')),
      numTop: prompt.num_top_programs,
      numDiverse: prompt.num_diverse_programs,
    });
    const id = programIdFor(seed, iteration);
    const record: Omit<ProgramRecord, 'ts'> = {
      ...emptyRecord(iteration, id, island),
      parentId: parent.id,
      inspirationIds: inspirations.map((program) => program.id),
      generation: parent.generation + 1,
    };
    this.#occupy(slot, { iter: iteration, phase: 'proposing' });
    const proposing = this.#now();
    const { proposal, error } = await this.#propose({ iteration, parent, inspirations, direction });
    record.proposeSeconds = this.#now() - proposing;
    if (!proposal) {
      this.#complete({ ...record, error }, parent);
      this.#occupy(slot, null);
      return;
    }
    for (const call of proposal.usage) this.#usage.append(encodeUsageRecord({ iter: iteration, ...call }));
    record.model = proposal.model;
    record.costUsd = costOf(proposal);
    const edit = applyEdit(parent.code, proposal.text, { maxCodeLength, language: this.#language });
    const twin = edit.ok ? this.#evaluated.find(edit.code) : undefined;
    if (!edit.ok) {
      record.error = edit.error;
    } else if (twin !== undefined) {
      const message = `The edit makes a program that was evaluated before (${twin}), so it was not evaluated again.`;
      Object.assign(record, { changes: edit.changes, error: { kind: 'duplicate', message } });
    } else {
      // Claimed before the evaluation, so that two slots never score the same code.
      this.#evaluated.add(edit.code, id);
      Object.assign(record, { code: edit.code, changes: edit.changes });
      this.#occupy(slot, { iter: iteration, phase: 'evaluating' });
      const { evaluation, queueSeconds } = await this.#evaluate(id, edit.code);
      Object.assign(record, this.#outcomeOf(evaluation), { queueSeconds });
    }
    this.#complete(record, parent);
    this.#occupy(slot, null);
  }

  async #propose({
    iteration,
    parent,
    inspirations,
    direction,
  }: {
    iteration: number;
    parent: Program;
    inspirations: Program[];
    direction: EvolutionConfig['direction'];
  }): Promise<{ proposal: Proposal; error: null } | { proposal: null; error: ProgramError }> {
    const signal = this.#cancel.signal;
    const { lastFailure } = parent;
    try {
      const answer = this.#options.proposer.propose(
        {
          iteration,
          seed: seedFor(this.#config.random_seed, iteration, 'propose'),
          prompt: buildPrompt({
            systemMessage: this.#config.prompt.system_message,
            language: this.#language,
            direction,
            parent,
            inspirations,
            lastFailure,
          }),
          language: this.#language,
          direction,
          parent: viewOf(parent),
          inspirations: inspirations.map(viewOf),
          lastFailure,
        },
        { signal },
      );
      const proposal = checkProposal(await abortable(answer, signal));
      this.#modelFailuresInARow = 0;
      return { proposal, error: null };
    } catch (error) {
      if (signal.aborted) throw error;
      const message = reasonOf(error);
      this.#modelFailuresInARow++;
      this.#lastModelFailure = message;
      return { proposal: null, error: { kind: 'model', message } };
    }
  }

  async #evaluate(id: string, code: string): Promise<{ evaluation: Evaluation; queueSeconds: number }> {
    const { evaluator, initialProgram } = this.#options;
    const program = { id, code, extension: initialProgram.extension };
    const from = this.#now();
    const { signal } = this.#cancel;
    const evaluation = checkEvaluation(await abortable(evaluator.evaluate(program, { signal }), signal));
    return { evaluation, queueSeconds: Math.max(0, this.#now() - from - evaluation.durationMs / 1000) };
  }

  #outcomeOf(evaluation: Evaluation): ReturnType<typeof outcomeOf> {
    const outcome = outcomeOf(evaluation, this.#config.database.feature_dimensions);
    if (outcome.score !== null && !('combined_score' in outcome.metrics) && !this.#saidMean) {
      this.#saidMean = true;
      this.#problem('The evaluator returns no combined_score; the mean of its numeric metrics is the score.');
    }
    return outcome;
  }

  /** Records a completed iteration and files its program. Synchronous, so that no two iterations interleave here. */
  #complete(outcome: Omit<ProgramRecord, 'ts'>, parent?: Program): void {
    const record: ProgramRecord = { ...outcome, ts: this.#now() };
    const previousBest = this.#database.best?.score ?? null;
    this.#journal.append(encodeProgramRecord(record));
    this.#iterations.complete(record.iter);
    fileRecord(this.#database, record);
    this.#appendToFeed(record);
    if (parent) {
      const outcome = observationOf(record, parent.score, this.#config.direction);
      tell(this.#options.proposer, outcome, (message) => this.#problem(message));
    }
    const isNewBest =
      record.score !== null && (previousBest === null || isBetter(record.score, previousBest, this.#config.direction));
    this.#saveBest();
    const completed = this.#iterations.completed;
    this.#emit({ type: 'iteration', record, best: this.#database.best?.score ?? null, isNewBest, completed });
    if (record.iter > 0 && completed % this.#config.checkpoint_interval === 0) this.#writeCheckpoint();
    if (record.iter > 0) this.#checkStopRules();
  }

  #checkStopRules(): void {
    const reason = firstReason(this.#stopRules, {
      completed: this.#iterations.completed,
      best: this.#database.best?.score ?? null,
      modelFailuresInARow: this.#modelFailuresInARow,
    });
    if (!reason) return;
    const error = `The model failed ${this.#modelFailuresInARow} times in a row; the last time: ${this.#lastModelFailure}`;
    this.#stop(reason, reason === 'model_failures' ? error : null);
    // At max_iterations nothing is in flight any more; otherwise what is pending is of no use.
    this.#cancel.abort(new DOMException(`The run has stopped: ${reason}.`, 'AbortError'));
  }

  /** The first reason counts. */
  #stop(reason: StopReason, error: string | null = null): void {
    if (this.#stopReason !== null) return;
    this.#stopReason = reason;
    this.#error = error;
    this.#emit({ type: 'stopping', reason });
  }

  #appendToFeed(record: ProgramRecord): void {
    const { iter, score, id, code, model, ts } = record;
    this.#handle.append({ iter, score, programId: code === null ? null : id, model, ts });
  }

  #occupy(slot: number, work: { iter: number; phase: 'proposing' | 'evaluating' } | null): void {
    this.#slots[slot] = work && { ...work, since: this.#now() };
    this.#handle.update({ inFlight: this.#slots.flatMap((busy, index) => (busy ? [{ slot: index, ...busy }] : [])) });
  }

  /** Sees that best/ holds the best program; tried again at the next iteration when it could not be written. */
  #saveBest(): void {
    const { best } = this.#database;
    if (!best || best.id === this.#savedBest || best.id === this.#savingBest) return;
    this.#savingBest = best.id;
    const program = toStored(best, this.#language);
    const { extension } = this.#options.initialProgram;
    this.#bestWrites.run(async () => {
      try {
        await writeBest(this.#options.runDir, { program, extension });
        this.#savedBest = program.id;
        this.#saidUnsaved = false;
      } catch (error) {
        if (!this.#saidUnsaved) {
          this.#problem(`The best program could not be saved in best/; it is tried again. ${reasonOf(error)}`);
        }
        this.#saidUnsaved = true;
        if (this.#savingBest === program.id) this.#savingBest = null;
      }
    });
  }

  #writeCheckpoint(): void {
    const iteration = this.#iterations.completed;
    const failed = (error: unknown) =>
      this.#problem(
        `Checkpoint ${iteration} could not be written; the run goes on and tries again at the next one. ${reasonOf(error)}`,
      );
    const { proposer, runDir, initialProgram } = this.#options;
    let checkpoint: Checkpoint;
    try {
      checkpoint = takeSnapshot({ database: this.#database, iterations: this.#iterations, proposer }, this.#language);
    } catch (error) {
      failed(error);
      return;
    }
    this.#unwrittenCheckpoints++;
    this.#checkpointWrites = this.#checkpointWrites.then(async () => {
      try {
        const path = await writeCheckpoint(runDir, checkpoint, {
          extension: initialProgram.extension,
          previous: this.#lastCheckpoint,
        });
        this.#lastCheckpoint = iteration;
        this.#emit({ type: 'checkpoint', iteration, path });
      } catch (error) {
        failed(error);
      } finally {
        this.#unwrittenCheckpoints--;
      }
    });
  }

  async #finish(): Promise<EvolutionResult> {
    // Without a reason the slots have taken every iteration that there is.
    const reason = this.#stopReason ?? 'max_iterations';
    const error = this.#error;
    const status = reason === 'user' ? 'stopped' : error === null ? 'finished' : 'failed';
    const completed = this.#iterations.completed;
    const { best } = this.#database;
    try {
      await this.#checkpointWrites;
      if (best && this.#lastCheckpoint !== completed) {
        this.#writeCheckpoint();
        await this.#checkpointWrites;
      }
      await this.#bestWrites.idle();
      this.#saveBest();
      await this.#bestWrites.idle();
      this.#journal.close();
      this.#usage.close();
      if (this.#journal.pending > 0) {
        this.#problem(`${this.#journal.pending} iterations could not be written to programs.jsonl.`);
      }
    } finally {
      await this.#handle.finish({ status, stopReason: reason, error });
    }
    return {
      status,
      stopReason: reason,
      error,
      completed,
      initialScore: this.#initialScore,
      best: best && {
        id: best.id,
        score: best.score,
        code: best.code,
        metrics: best.metrics,
        iteration: best.iteration,
      },
    };
  }

  #problem(message: string): void {
    this.#emit({ type: 'problem', message });
  }

  #emit(event: EvolutionEvent): void {
    if (!this.#listening) return;
    try {
      this.#options.onEvent?.(event);
    } catch {
      this.#listening = false;
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
