/**
 * What is wrong with the evaluator, as opposed to with a program:
 *
 * - `invalid_options`: an option, or the extension of a program, is out of range
 * - `load_failed`: the evaluator module is missing, does not parse, or threw while it was imported
 * - `load_timeout`: importing the evaluator module did not end
 * - `no_evaluate`: the module exports no function `evaluate`
 * - `runner_failed`: node could not be started
 * - `scratch_failed`: a scratch folder or a program file could not be written
 * - `closed`: `close()` was called
 */
export type EvaluatorErrorCode =
  | 'invalid_options'
  | 'load_failed'
  | 'load_timeout'
  | 'no_evaluate'
  | 'runner_failed'
  | 'scratch_failed'
  | 'closed';

/** The evaluator itself cannot work. `path` is the file concerned, null when there is none. */
export class EvaluatorError extends Error {
  override readonly name = 'EvaluatorError';
  readonly code: EvaluatorErrorCode;
  readonly path: string | null;

  constructor(code: EvaluatorErrorCode, message: string, options: { path?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.path = options.path ?? null;
  }
}
