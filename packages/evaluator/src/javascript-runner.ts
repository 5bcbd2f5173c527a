import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseJobMessage, parseReadiness } from './answer.ts';
import { CapturedOutput } from './captured-output.ts';
import { EvaluatorError } from './errors.ts';
import type { EvaluatedProgram, Evaluation } from './interfaces.ts';
import { type Ending, outcomeOf } from './outcome.ts';
import { killProcessGroup } from './process-group.ts';

const RUNNER_PATH = fileURLToPath(new URL('../runner/javascript-runner.js', import.meta.url));
/** Beyond what a runner sends by itself (it refuses results of more than 10 MB): something else writes there. */
const MAX_LINE_BYTES = 11_000_000;
const MAX_DRAIN_TURNS = 100;

export interface JavaScriptRunnerOptions {
  evaluatorPath: string;
  /** Becomes the runner's working folder and is removed when it has ended. */
  folder: string;
  env: Record<string, string>;
  maxOutputBytes: number;
  loadTimeoutMs: number;
}

/** One node process, which imports the evaluator, waits, evaluates one program and is killed. */
export class JavaScriptRunner {
  /** Resolves when the evaluator is imported; rejects with an `EvaluatorError` when it cannot be. */
  readonly ready: Promise<void>;
  /** Resolves when the process is dead and its group killed. */
  readonly dead: Promise<Extract<Ending, { type: 'died' }>>;
  /** Resolves when the process is dead and its folder removed. */
  readonly gone: Promise<void>;
  readonly #options: JavaScriptRunnerOptions;
  readonly #process: ChildProcess;
  readonly #stdout: CapturedOutput;
  readonly #stderr: CapturedOutput;

  #alive = true;
  #started = false;
  /** Chunks read so far, of every pipe. */
  #chunkCount = 0;
  #onLine: (line: string) => void = () => {};
  #onFlood: () => void = () => {};

  constructor(options: JavaScriptRunnerOptions) {
    this.#options = options;
    this.#stdout = new CapturedOutput(options.maxOutputBytes);
    this.#stderr = new CapturedOutput(options.maxOutputBytes);
    this.#process = spawn(process.execPath, [RUNNER_PATH, options.evaluatorPath], {
      cwd: options.folder,
      env: options.env,
      // A group of its own: killed as a whole, and out of reach of the terminal's Ctrl-C.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    const spawnError = new Promise<never>((_resolve, reject) => this.#process.once('error', reject));
    this.dead = this.#watchDeath();
    this.gone = this.dead.then(() =>
      rm(options.folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => {}),
    );
    if (this.pid !== null) this.#listen();
    this.ready = this.#load(spawnError);
    this.ready.catch(() => {});
  }

  /** Also the id of its process group; null when it could not be started. */
  get pid(): number | null {
    return this.#process.pid ?? null;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Kills the process and all of its group. */
  kill(): void {
    if (this.#alive && this.pid !== null) killProcessGroup(this.pid);
  }

  /**
   * Scores a program; to be called once, when `ready` has resolved. The process is killed by the time this settles.
   * Resolves with null when the process was dead before it took the program: that is not the program's fault.
   *
   * Rejects with `signal.reason` when aborted, and with an `EvaluatorError` when the program's file cannot be written.
   */
  async evaluate(
    program: EvaluatedProgram,
    options: { timeoutMs: number; signal: AbortSignal },
  ): Promise<Evaluation | null> {
    const programPath = join(this.#options.folder, `program${program.extension}`);
    try {
      writeFileSync(programPath, program.code);
    } catch (cause) {
      this.kill();
      throw new EvaluatorError('scratch_failed', `Could not write program ${program.id} to ${programPath}: ${cause}.`, {
        path: programPath,
        cause,
      });
    }
    // What the evaluator printed while it was imported is not this program's output.
    this.#stdout.reset();
    this.#stderr.reset();
    const startedAt = performance.now();
    const ending = await this.#run(programPath, options);
    const durationMs = performance.now() - startedAt;
    await this.#drain();
    this.#closePipes();
    if (ending.type === 'died' && !this.#started) return null;
    const { metrics, artifacts, error } = outcomeOf(ending);
    return {
      metrics,
      artifacts: this.#withoutFolder({ ...this.#output(), ...artifacts }),
      error: error === null ? null : { ...error, message: this.#shorten(error.message) },
      durationMs,
    };
  }

  #run(programPath: string, { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }): Promise<Ending> {
    return new Promise<Ending>((resolve, reject) => {
      const nonce = randomUUID();
      let late = false;
      const timer = setTimeout(async () => {
        late = true;
        this.kill();
        // This process may have been busy while the answer came in: look before calling it late.
        await this.#drain();
        end({ type: 'timed_out', timeoutMs });
      }, timeoutMs);
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.kill();
      };
      const end = (ending: Ending) => {
        settle();
        resolve(ending);
      };
      const abort = () => {
        settle();
        this.#closePipes();
        reject(signal.reason);
      };
      this.#onLine = (line) => {
        const message = parseJobMessage(line, nonce);
        if (message?.type === 'started') this.#started = true;
        else if (message !== null) end({ type: 'answered', answer: message });
      };
      this.#onFlood = () => end({ type: 'flooded', limitBytes: MAX_LINE_BYTES });
      void this.dead.then(async (died) => {
        await this.#drain();
        end(late ? { type: 'timed_out', timeoutMs } : died);
      });
      signal.addEventListener('abort', abort, { once: true });
      this.#jobs.end(`${JSON.stringify({ nonce, programPath })}\n`);
    });
  }

  async #load(spawnError: Promise<never>): Promise<void> {
    const { evaluatorPath: path, loadTimeoutMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(resolve, loadTimeoutMs, 'late');
    });
    const firstLine = new Promise<string>((resolve) => {
      this.#onLine = resolve;
      this.#onFlood = () => resolve('');
    });
    try {
      const died = this.dead.then(async (ending) => {
        // The reason may have been sent just before the end.
        await this.#drain();
        return ending;
      });
      const first = await Promise.race([firstLine, died, late, spawnError]);
      await this.#drain();
      this.#judgeStart(first);
    } catch (cause) {
      this.kill();
      this.#closePipes();
      if (cause instanceof EvaluatorError) throw cause;
      throw new EvaluatorError('runner_failed', `Could not start node for evaluator ${path}: ${cause}.`, {
        path,
        cause,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Throws unless the first thing heard of the process is that it is ready. */
  #judgeStart(first: string | 'late' | Extract<Ending, { type: 'died' }>): void {
    const { evaluatorPath: path, loadTimeoutMs } = this.#options;
    if (first === 'late') {
      throw new EvaluatorError(
        'load_timeout',
        `Importing evaluator ${path} did not end within ${loadTimeoutMs / 1000} s. Move slow or endless work from its top level into evaluate().`,
        { path },
      );
    }
    const readiness = typeof first === 'string' ? parseReadiness(first) : null;
    if (readiness?.type === 'ready') return;
    if (readiness?.type === 'no_evaluate') {
      throw new EvaluatorError(
        'no_evaluate',
        `Evaluator ${path} exports no function "evaluate" (found ${readiness.found}). Add: export function evaluate(programPath) { return { combined_score: … }; }`,
        { path },
      );
    }
    if (readiness?.type === 'load_failed') {
      // The stack of a syntax error names the line, its message does not.
      const stack = readiness.stack.split('\n').slice(0, 8).join('\n');
      const detail = stack.includes(readiness.message) ? stack : `${readiness.message}\n${stack}`;
      throw new EvaluatorError('load_failed', `Could not import evaluator ${path}: ${detail.trim()}`, { path });
    }
    const how =
      typeof first === 'string'
        ? 'sent something unreadable'
        : `ended with ${first.signal ?? `exit code ${first.code}`}`;
    const output = (this.#stderr.text() || this.#stdout.text()).trim();
    throw new EvaluatorError(
      'load_failed',
      `Could not import evaluator ${path}: its process ${how} while importing it.${output === '' ? '' : ` It printed:\n${output}`}`,
      { path },
    );
  }

  async #watchDeath(): Promise<Extract<Ending, { type: 'died' }>> {
    const died = await new Promise<Extract<Ending, { type: 'died' }>>((resolve) => {
      // Not `close`, which waits for every grandchild that holds one of the pipes.
      this.#process.once('exit', (code, signal) => resolve({ type: 'died', code, signal }));
      if (this.pid === null) this.#process.once('error', () => resolve({ type: 'died', code: null, signal: null }));
    });
    // Children that the process left behind are still in its group.
    this.kill();
    this.#alive = false;
    return died;
  }

  get #jobs(): Writable {
    return this.#process.stdio[3] as Writable;
  }

  get #answers(): Readable {
    return this.#process.stdio[4] as Readable;
  }

  #listen(): void {
    // Resets and broken pipes are the process's end, which `exit` reports.
    for (const stream of this.#process.stdio) stream?.on('error', () => {});
    for (const stream of [this.#process.stdout, this.#process.stderr, this.#answers]) {
      stream?.on('data', () => {
        this.#chunkCount += 1;
      });
    }
    this.#process.stdout?.on('data', (chunk: Buffer) => this.#stdout.add(chunk));
    this.#process.stderr?.on('data', (chunk: Buffer) => this.#stderr.add(chunk));
    let pending: Buffer[] = [];
    let pendingBytes = 0;
    this.#answers.on('data', (chunk: Buffer) => {
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        const line = Buffer.concat([...pending, chunk.subarray(start, end)]).toString('utf8');
        pending = [];
        pendingBytes = 0;
        start = end + 1;
        this.#onLine(line);
      }
      pending.push(chunk.subarray(start));
      pendingBytes += chunk.length - start;
      if (pendingBytes > MAX_LINE_BYTES) {
        pending = [];
        pendingBytes = 0;
        this.#onFlood();
      }
    });
  }

  /**
   * Waits until whole turns of the event loop brought nothing. What the process wrote lies in its pipes before its
   * answer or its end is heard of, so this reads all of it; the end of the pipes would come only when the last
   * grandchild that holds them ends.
   */
  async #drain(): Promise<void> {
    let quietTurns = 0;
    for (let turn = 0; turn < MAX_DRAIN_TURNS && quietTurns < 2; turn += 1) {
      const before = this.#chunkCount;
      await new Promise((resolve) => setImmediate(resolve));
      quietTurns = this.#chunkCount === before ? quietTurns + 1 : 0;
    }
  }

  #closePipes(): void {
    for (const stream of this.#process.stdio) stream?.destroy();
  }

  #output(): Record<string, string> {
    const output = { stdout: this.#stdout.text(), stderr: this.#stderr.text() };
    return Object.fromEntries(Object.entries(output).filter(([, text]) => text !== ''));
  }

  /** Names of the scratch folder differ from run to run, mean nothing to a reader, and cost a model tokens. */
  #shorten(text: string): string {
    const { folder } = this.#options;
    return text.replaceAll(`file://${folder}/`, '').replaceAll(`${folder}/`, '');
  }

  #withoutFolder(artifacts: Record<string, string>): Record<string, string> {
    return Object.fromEntries(Object.entries(artifacts).map(([name, text]) => [name, this.#shorten(text)]));
  }
}
