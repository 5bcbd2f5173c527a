export { type EvaluatorConfig, evaluatorConfigSchema } from './config-schema.ts';
export { EvaluatorError, type EvaluatorErrorCode } from './errors.ts';
export type {
  EvaluatedProgram,
  Evaluation,
  EvaluationErrorKind,
  Evaluator,
  ProgramError,
} from './interfaces.ts';
export { createEvaluator, type EvaluatorOptions, type ProcessEvaluator } from './process-evaluator.ts';
