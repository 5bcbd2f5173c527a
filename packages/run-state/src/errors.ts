/**
 * - `label`: a label that cannot stand in a path
 * - `format`: a file or record that is not what its format says
 * - `occupied`: the directory already holds a run
 * - `live`: another live process runs in the directory
 * - `missing`: what was asked for is not there
 * - `io`: the file system refused
 */
export type RunStateErrorCode = 'label' | 'format' | 'occupied' | 'live' | 'missing' | 'io';

/** The one error class of this package: `code` for programs, the message for people, `path` and `line` where they apply. */
export class RunStateError extends Error {
  override readonly name = 'RunStateError';
  readonly code: RunStateErrorCode;
  readonly path: string | null;
  /** 1-based. */
  readonly line: number | null;

  constructor(
    code: RunStateErrorCode,
    message: string,
    { path = null, line = null, cause }: { path?: string | null; line?: number | null; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
    this.line = line;
  }
}

/** The text of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
