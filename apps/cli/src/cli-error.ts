/**
 * - `usage`: what was typed, a file it names or a configuration is wrong: exit 2
 * - `failed`: everything else that went wrong: exit 1
 */
export type CliErrorCode = 'usage' | 'failed';

/** Ends a command with its message, which says what to do. `details` are further lines, e.g. one per configuration error. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;
  readonly details: readonly string[];

  constructor(code: CliErrorCode, message: string, options: { details?: readonly string[]; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
  }
}

export function usageError(message: string, options?: { details?: readonly string[]; cause?: unknown }): CliError {
  return new CliError('usage', message, options);
}
