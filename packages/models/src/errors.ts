/**
 * - `nothing_to_mutate`: the program has nothing between its markers that an operator can change.
 * - `unbalanced_markers`: an EVOLVE-BLOCK-START without its END, or the other way round.
 * - `invalid_state`: `restore` was given something that `snapshot` did not make.
 */
export type ModelsErrorCode = 'nothing_to_mutate' | 'unbalanced_markers' | 'invalid_state';

/** The one error that this package throws on its own account. */
export class ModelsError extends Error {
  override readonly name = 'ModelsError';
  readonly code: ModelsErrorCode;

  constructor(code: ModelsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
