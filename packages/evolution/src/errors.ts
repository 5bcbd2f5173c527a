/**
 * - `unbalanced_evolve_block`: markers that do not pair up
 * - `initial_program_too_long`: longer than `max_code_length`, so that no edit of it could be accepted
 * - `invalid_options`: an option that makes no sense
 * - `nothing_to_resume`: a run whose initial program could not be scored
 * - `islands_changed`: a run that was made with another number of islands
 */
export type EvolutionErrorCode =
  | 'unbalanced_evolve_block'
  | 'initial_program_too_long'
  | 'invalid_options'
  | 'nothing_to_resume'
  | 'islands_changed';

/** What the controller throws. `code` is for programs, the message for people. */
export class EvolutionError extends Error {
  readonly code: EvolutionErrorCode;

  constructor(code: EvolutionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EvolutionError';
    this.code = code;
  }
}
