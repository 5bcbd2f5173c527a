import { EvaluatorError } from '@kai/evaluator';
import { EvolutionError } from '@kai/evolution';
import { RunStateError } from '@kai/run-state';
import { usageError } from './cli-error.ts';

const evaluatorUsage = new Set<string>(['invalid_options', 'load_failed', 'load_timeout', 'no_evaluate']);
const evolutionUsage = new Set<string>(['unbalanced_evolve_block', 'nothing_to_resume', 'unknown_feature_dimension']);
const runStateUsage = new Set<string>(['label', 'format', 'occupied', 'live', 'missing']);

/** What a package threw: as a usage error when the user's task, files or words are the reason, else as it is. */
export function asUsageError(error: unknown): unknown {
  const isUsage =
    (error instanceof EvaluatorError && evaluatorUsage.has(error.code)) ||
    (error instanceof EvolutionError && evolutionUsage.has(error.code)) ||
    (error instanceof RunStateError && runStateUsage.has(error.code));
  return isUsage ? usageError(withoutNodeFrames(error.message), { cause: error }) : error;
}

/** An error with its stack, without what stands in Node's own files and what the line before has said already. */
function withoutNodeFrames(message: string): string {
  const kept: string[] = [];
  for (const line of message.split('\n')) {
    const said = line.trim().replace(/^\w*Error(?: \[\w+\])?: /, '');
    if (/^\s*at .*\bnode:/.test(line) || (said !== '' && kept.at(-1)?.endsWith(said))) continue;
    kept.push(line);
  }
  return kept.join('\n');
}
