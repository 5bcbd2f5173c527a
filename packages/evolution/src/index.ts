export { type EvolutionConfig, evolutionConfigSchema } from './config.ts';
export { applyEdit, type EditErrorKind, type EditResult } from './edit.ts';
export { EvolutionError, type EvolutionErrorCode } from './errors.ts';
export { type EvolutionEvent, type EvolutionResult, type EvolveOptions, evolve } from './evolve.ts';
export { type EvolveBlock, findEvolveBlocks } from './evolve-block.ts';
export type {
  Direction,
  EvaluatedProgram,
  Evaluation,
  Evaluator,
  Json,
  ProgramError,
  ProgramView,
  Proposal,
  ProposalOutcome,
  ProposalRequest,
  Proposer,
  Usage,
} from './interfaces.ts';
export { languageOf } from './language.ts';
export type { StopReason } from './stop.ts';
