export type { ModelsErrorCode } from './errors.ts';
export { ModelsError } from './errors.ts';
export type { LlmConfig } from './llm-config.ts';
export { llmConfigSchema } from './llm-config.ts';
export type { OfflineMutator, OfflineMutatorOptions } from './offline-mutator.ts';
export { createOfflineMutator, offlineOperators } from './offline-mutator.ts';
export type {
  Direction,
  Json,
  ProgramError,
  ProgramView,
  Proposal,
  ProposalOutcome,
  ProposalRequest,
  Proposer,
  Usage,
} from './proposer.ts';
