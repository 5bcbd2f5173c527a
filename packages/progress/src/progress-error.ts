export type ProgressErrorCode =
  /** A directory, pipe or socket stands where the file should be. */
  | 'not-a-file'
  /** The file exists and could not be opened or read. */
  | 'read-failed'
  /** The line did not reach the file. */
  | 'write-failed'
  /** Only a part of the line reached the file (the disk is almost full); the next append seals it. */
  | 'short-write'
  /** The descriptor was closed, or is another file by now, without the writer's knowledge. */
  | 'descriptor-lost'
  /** append() after close(). */
  | 'closed'
  /** The value cannot be written as one line of JSON. */
  | 'bad-value'
  /** The line is not what the format asks for. */
  | 'bad-line'
  /** An option is outside its range. */
  | 'bad-option';

/** What this package throws. `path` is the file concerned, if there is one; `cause` is the system's own error. */
export class ProgressError extends Error {
  override readonly name = 'ProgressError';
  readonly code: ProgressErrorCode;
  readonly path: string | null;

  constructor(code: ProgressErrorCode, message: string, options: { path?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.path = options.path ?? null;
  }
}

/** The text of anything that was thrown, for the end of a message. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
