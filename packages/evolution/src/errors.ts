export type EvolutionErrorCode =
  | 'unbalanced_evolve_block'
  | 'initial_program_failed'
  | 'nothing_to_resume'
  | 'unknown_feature_dimension';

/** What the controller throws. `code` is for programs, the message for people. */
export class EvolutionError extends Error {
  readonly code: EvolutionErrorCode;

  constructor(code: EvolutionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EvolutionError';
    this.code = code;
  }
}
