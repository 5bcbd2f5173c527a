import { setMaxListeners } from 'node:events';
import { mkdtempSync, realpathSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { EvaluatorError } from './errors.ts';
import { Guardian } from './guardian.ts';
import type { EvaluatedProgram, Evaluation, Evaluator } from './interfaces.ts';
import { JavaScriptRunner } from './javascript-runner.ts';
import { findModuleSettings, type ModuleSettings, makeProgramFolder } from './program-folder.ts';
import { runnerEnvironment } from './runner-environment.ts';
import { Slots } from './slots.ts';

const MAX_TIMEOUT_MS = 2_147_483_647;
const MAX_ATTEMPTS = 3;

export interface EvaluatorOptions {
  /** The task's evaluator: a `.js`, `.mjs` or `.cjs` module that exports `evaluate(programPath)`. */
  evaluatorPath: string;
  /** What one evaluation may take, default 300 000. */
  timeoutMs?: number;
  /** Evaluations at a time, default 1. As many idle processes wait beside them. */
  concurrency?: number;
  /** How many bytes of standard output, and of standard error, are kept as artifacts, default 65 536. */
  maxOutputBytes?: number;
  /** What importing the evaluator module may take, default 60 000. */
  loadTimeoutMs?: number;
  /** The folder in which the scratch folder is made, default the system's for temporary files. */
  scratchRoot?: string;
  /** Variables that evaluations see beside PATH, HOME, language, time zone and TMPDIR. */
  env?: Record<string, string>;
  /** Aborts the creation. */
  signal?: AbortSignal;
}

/**
 * Starts an evaluator that scores each program in a fresh process, and makes sure that the task's module can be used.
 *
 * Processes are started ahead: node is up and the module imported before a program comes. Evaluations beyond
 * `concurrency` wait in order of arrival. It keeps this process alive until `close()`.
 *
 * Rejects with an `EvaluatorError` when an option is out of range, when the module is missing, does not import or has
 * no function `evaluate`, and with `signal.reason` when aborted. Nothing is left behind then.
 */
export async function createEvaluator(options: EvaluatorOptions): Promise<ProcessEvaluator> {
  options.signal?.throwIfAborted();
  const evaluator = new ProcessEvaluator(options);
  try {
    await evaluator.warmUp(options.signal);
    return evaluator;
  } catch (error) {
    await evaluator.close();
    throw error;
  }
}

/** Made by `createEvaluator`. */
export class ProcessEvaluator implements Evaluator {
  readonly #evaluatorPath: string;
  readonly #timeoutMs: number;
  readonly #concurrency: number;
  readonly #maxOutputBytes: number;
  readonly #loadTimeoutMs: number;
  readonly #env: Record<string, string>;
  readonly #moduleSettings: ModuleSettings;
  readonly #scratchRoot: string;
  readonly #guardian: Guardian;
  readonly #slots: Slots;
  /** Idle or still importing, oldest first. */
  readonly #warm: JavaScriptRunner[] = [];
  readonly #running = new Set<JavaScriptRunner>();
  /** One for each call of `evaluate` that has not settled. */
  readonly #calls = new Set<AbortController>();
  #closing: Promise<void> | null = null;

  /** Only for `createEvaluator`: nothing is checked by running it yet. */
  constructor(options: EvaluatorOptions) {
    this.#evaluatorPath = resolve(options.evaluatorPath);
    checkEvaluatorPath(this.#evaluatorPath);
    this.#timeoutMs = checkRange('timeoutMs', options.timeoutMs ?? 300_000, Number.MIN_VALUE, MAX_TIMEOUT_MS);
    this.#concurrency = checkWhole('concurrency', options.concurrency ?? 1, 1, 1024);
    this.#maxOutputBytes = checkWhole('maxOutputBytes', options.maxOutputBytes ?? 65_536, 0, 100_000_000);
    this.#loadTimeoutMs = checkRange(
      'loadTimeoutMs',
      options.loadTimeoutMs ?? 60_000,
      Number.MIN_VALUE,
      MAX_TIMEOUT_MS,
    );
    this.#env = options.env ?? {};
    this.#moduleSettings = findModuleSettings(this.#evaluatorPath);
    this.#slots = new Slots(this.#concurrency);
    this.#scratchRoot = makeScratchRoot(options.scratchRoot ?? tmpdir());
    this.#guardian = new Guardian(this.#scratchRoot);
  }

  /** Of the process that kills evaluations which outlive this one; null in the moment in which it is started again. */
  get guardianPid(): number | null {
    return this.#guardian.pid;
  }

  /** Starts the first process, and when it is ready, the others. */
  async warmUp(signal?: AbortSignal): Promise<void> {
    const first = this.#start();
    await abortable(first.ready, signal);
    this.#warm.push(first);
    this.#refill();
  }

  /**
   * Scores one program; see `Evaluator`. Rejects with an `EvaluatorError` when the evaluator module no longer imports,
   * when the program cannot be written to the scratch folder, or after `close()`.
   */
  async evaluate(program: EvaluatedProgram, { signal }: { signal?: AbortSignal } = {}): Promise<Evaluation> {
    signal?.throwIfAborted();
    if (this.#closing !== null) throw closedError();
    if (!/^(\.[A-Za-z0-9]+)?$/.test(program.extension)) {
      const found = JSON.stringify(program.extension);
      throw new EvaluatorError('invalid_options', `Program ${program.id} has extension ${found}. Expected e.g. ".js".`);
    }
    // One signal serves a whole run: as many listeners as calls are no leak, of which node would warn from 11 on.
    if (signal !== undefined) setMaxListeners(0, signal);
    const call = new AbortController();
    const abort = () => call.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#calls.add(call);
    try {
      await this.#slots.acquire(call.signal);
      try {
        return await this.#evaluateNow(program, call.signal);
      } finally {
        this.#slots.release();
      }
    } finally {
      this.#calls.delete(call);
      signal?.removeEventListener('abort', abort);
    }
  }

  /**
   * Kills every evaluation (their calls reject with code `closed`), removes the scratch folder, and resolves when all
   * processes are gone. Further calls return the same promise.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #evaluateNow(program: EvaluatedProgram, signal: AbortSignal): Promise<Evaluation> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const runner = await this.#takeRunner(signal);
      const evaluating = runner.evaluate(program, { timeoutMs: this.#timeoutMs, signal });
      // Started when this one has its job, so that the next is warm when it ends.
      this.#refill();
      const evaluation = await evaluating;
      if (evaluation !== null) return evaluation;
    }
    throw new EvaluatorError(
      'runner_failed',
      `${MAX_ATTEMPTS} processes in a row died before they could take program ${program.id}. Does something kill them, or is memory short?`,
      { path: this.#evaluatorPath },
    );
  }

  /** A process that died while it waited is passed over; one that could not start gets one more try. */
  async #takeRunner(signal: AbortSignal): Promise<JavaScriptRunner> {
    for (let failures = 0; ; ) {
      signal.throwIfAborted();
      const runner = this.#warm.shift() ?? this.#start();
      try {
        await abortable(runner.ready, signal);
      } catch (error) {
        if (signal.aborted) {
          if (this.#closing === null) this.#warm.unshift(runner);
          throw error;
        }
        failures += 1;
        if (failures > 1) throw error;
        continue;
      }
      if (runner.alive) return runner;
    }
  }

  #refill(): void {
    if (this.#closing !== null) return;
    try {
      while (this.#warm.length < this.#concurrency) this.#warm.push(this.#start());
    } catch {
      // No room or no process left at this moment: whoever finds no warm process tries again, and rejects.
    }
  }

  #start(): JavaScriptRunner {
    const folder = this.#makeFolder();
    const runner = this.#spawn(folder);
    const { pid } = runner;
    if (pid !== null) this.#guardian.add(pid);
    this.#running.add(runner);
    void runner.dead.then(() => {
      if (pid !== null) this.#guardian.remove(pid);
    });
    void runner.gone.then(() => this.#running.delete(runner));
    return runner;
  }

  #spawn(folder: string): JavaScriptRunner {
    const path = this.#evaluatorPath;
    try {
      return new JavaScriptRunner({
        evaluatorPath: path,
        folder,
        env: runnerEnvironment(process.env, folder, this.#env),
        maxOutputBytes: this.#maxOutputBytes,
        loadTimeoutMs: this.#loadTimeoutMs,
      });
    } catch (cause) {
      throw new EvaluatorError('runner_failed', `Could not start node for evaluator ${path}: ${cause}.`, {
        path,
        cause,
      });
    }
  }

  #makeFolder(): string {
    try {
      return makeProgramFolder(this.#scratchRoot, this.#moduleSettings);
    } catch (cause) {
      throw scratchError(this.#scratchRoot, cause);
    }
  }

  async #close(): Promise<void> {
    for (const call of this.#calls) call.abort(closedError());
    const running = [...this.#running];
    for (const runner of running) runner.kill();
    await Promise.all(running.map((runner) => runner.gone));
    await rm(this.#scratchRoot, { recursive: true, force: true, maxRetries: 5 });
    await this.#guardian.close();
  }
}

/** The promise's value, unless the signal comes first. The promise itself goes on. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function closedError(): EvaluatorError {
  return new EvaluatorError('closed', 'The evaluator is closed: close() was called before the evaluation had ended.');
}

function scratchError(path: string, cause: unknown): EvaluatorError {
  const advice = 'Free some space there, or choose another place with scratchRoot.';
  return new EvaluatorError('scratch_failed', `Could not make a scratch folder in ${path}: ${cause}. ${advice}`, {
    path,
    cause,
  });
}

function makeScratchRoot(parent: string): string {
  try {
    // The real path, because node names files by it: messages are shortened by this prefix.
    return mkdtempSync(join(realpathSync(parent), 'kai-evaluator-'));
  } catch (cause) {
    throw scratchError(parent, cause);
  }
}

function checkEvaluatorPath(path: string): void {
  if (!['.js', '.mjs', '.cjs'].includes(extname(path))) {
    throw new EvaluatorError(
      'invalid_options',
      `Evaluator ${path} is no JavaScript module. Expected .js, .mjs or .cjs.`,
      {
        path,
      },
    );
  }
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    const advice = 'Check the path; it must be a module that exports evaluate(programPath).';
    throw new EvaluatorError('load_failed', `There is no evaluator file at ${path}. ${advice}`, { path });
  }
}

function checkRange(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  const least = min === Number.MIN_VALUE ? 'more than 0' : `${min}`;
  throw new EvaluatorError('invalid_options', `${name} is ${value}. Expected a number from ${least} to ${max}.`);
}

function checkWhole(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value)) return checkRange(name, value, min, max);
  throw new EvaluatorError('invalid_options', `${name} is ${value}. Expected a whole number from ${min} to ${max}.`);
}
