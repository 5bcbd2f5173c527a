/** Scores programs. A task's evaluator, seen from the controller; any object of this shape will do. */
export interface Evaluator {
  /**
   * Scores one program. A program that fails is an answer (`error` is set), not a rejection.
   *
   * Rejects with `signal.reason` when aborted, and only then or when the evaluator itself cannot work.
   */
  evaluate(program: EvaluatedProgram, options: { signal: AbortSignal }): Promise<Evaluation>;
  close(): Promise<void>;
}

export interface EvaluatedProgram {
  id: string;
  code: string;
  /** With its dot, e.g. `.js`. */
  extension: string;
}

export interface Evaluation {
  metrics: Record<string, number>;
  artifacts: Record<string, string>;
  error: ProgramError | null;
  /** From the moment the evaluation began running, without the time in the queue. */
  durationMs: number;
}

/** Why a program failed: a short kind for counting and a message for reading. */
export interface ProgramError {
  /** One of `EvaluationErrorKind`. */
  kind: string;
  message: string;
}

/**
 * Why an evaluation has no score:
 *
 * - `timeout`: no answer within the time allowed; the process group was killed
 * - `crashed`: a signal ended the process, e.g. a segmentation fault or a heap out of memory
 * - `exited`: the process ended, or ran out of things to wait for, before `evaluate` answered
 * - `threw`: `evaluate`, or a callback or promise in its process, threw
 * - `invalid_result`: it returned something other than finite numeric metrics
 * - `reported`: it returned a metric `error` with a text: the evaluator itself says that the program failed
 */
export type EvaluationErrorKind = 'timeout' | 'crashed' | 'exited' | 'threw' | 'invalid_result' | 'reported';
