import { createAdaptation, modelPrefix } from './adaptation.ts';
import type { Edit } from './edits.ts';
import { applyEdits, writeEdits } from './edits.ts';
import { ModelsError } from './errors.ts';
import { lineOperators } from './line-operators.ts';
import { literalOperators } from './literal-operators.ts';
import type { Operator, Situation } from './operator.ts';
import type { ParsedProgram } from './program.ts';
import { evolvableLines, parseProgram } from './program.ts';
import type { Direction, Json, ProgramView, Proposal, ProposalOutcome, ProposalRequest } from './proposer.ts';
import { createRandom } from './random.ts';
import { recombinationOperators } from './recombination-operators.ts';
import { syntaxOf } from './syntax.ts';
import { isBalanced, tokenize } from './tokens.ts';

const allOperators: readonly Operator[] = [...literalOperators, ...recombinationOperators, ...lineOperators];

/** The names of all operators, as proposals name them: `offline/step`, `offline/crossover`, … */
export const offlineOperators: readonly string[] = allOperators.map(({ name }) => `${modelPrefix}${name}`);

export interface OfflineMutatorOptions {
  /** Which operators may be used, by their names in `offlineOperators`. Default: all. */
  operators?: readonly string[];
}

/** A proposer that needs no model: a search operator over programs in any language. */
export interface OfflineMutator {
  propose(request: ProposalRequest, options: { signal: AbortSignal }): Promise<Proposal>;
  observe(outcome: ProposalOutcome): void;
  snapshot(): Json;
  restore(state: Json): void;
}

// How often an operator may try for an edit that can be written down and keeps the brackets balanced.
const triesPerOperator = 4;

/**
 * Creates the offline mutator.
 *
 * A proposal changes the parent between its EVOLVE-BLOCK markers (without markers: anywhere) and is written as
 * SEARCH/REPLACE blocks of whole lines, as a language model would; `model` names the operator that made it and `usage` is
 * empty. It is decided by `request.seed`, the programs and what was observed so far; what was observed is `observe`'s
 * outcomes, so replaying these in order restores the mutator, as `restore(snapshot())` does.
 *
 * `propose` rejects with `signal.reason` when aborted, and with a ModelsError when the program has nothing to mutate
 * (`nothing_to_mutate`) or its markers do not pair up (`unbalanced_markers`). `restore` throws a ModelsError
 * (`invalid_state`) for a state that is none. Inspirations whose markers do not pair up are left out.
 */
export function createOfflineMutator({ operators = offlineOperators }: OfflineMutatorOptions = {}): OfflineMutator {
  const used = allOperators.filter(({ name }) => operators.includes(`${modelPrefix}${name}`));
  const adaptation = createAdaptation(allOperators);

  return {
    async propose(request, { signal }) {
      signal.throwIfAborted();
      const parent = parseProgram(request.parent.code, request.language);
      const random = createRandom(request.seed);
      const inspirations = readInspirations(request);
      const balanced = isBalanced(parent.tokens);
      const candidates = [...used];
      while (candidates.length > 0) {
        const index = random.weighted(candidates.map(({ name }) => adaptation.weight(name)));
        const operator = candidates.splice(index, 1)[0]!;
        for (let attempt = 0; attempt < triesPerOperator; attempt++) {
          const edits = operator.edit({ parent, inspirations, random, stepSize: adaptation.stepSize(operator.name) });
          if (!edits) continue;
          const text = writeChild(parent, edits, request.language, balanced);
          if (text !== null) return { text, model: `${modelPrefix}${operator.name}`, usage: [] };
        }
      }
      throw nothingToMutate(parent, request.parent);
    },
    observe: adaptation.observe,
    snapshot: adaptation.snapshot,
    restore: adaptation.restore,
  };
}

/** The blocks that make the child; null when it equals the parent, cannot be written, or breaks brackets that were whole. */
function writeChild(parent: ParsedProgram, edits: readonly Edit[], language: string, balanced: boolean): string | null {
  const child = applyEdits(parent, edits);
  if (child === parent.text) return null;
  if (balanced && !isBalanced(tokenize(child, syntaxOf(language)))) return null;
  return writeEdits(parent, edits);
}

function readInspirations({ parent, inspirations, language, direction }: ProposalRequest): Situation['inspirations'] {
  return inspirations.flatMap((inspiration) => {
    if (inspiration.code === parent.code) return [];
    try {
      return [{ program: parseProgram(inspiration.code, language), lead: leadOf(inspiration, parent, direction) }];
    } catch (error) {
      if (error instanceof ModelsError) return [];
      throw error;
    }
  });
}

function leadOf(inspiration: ProgramView, parent: ProgramView, direction: Direction): number {
  if (inspiration.score === null || parent.score === null) return 0;
  return Math.sign(inspiration.score - parent.score) * (direction === 'maximize' ? 1 : -1);
}

function nothingToMutate(program: ParsedProgram, { id }: ProgramView): ModelsError {
  const lines = evolvableLines(program).length;
  const found =
    lines === 0 ? 'no line of code' : `${lines} line${lines === 1 ? '' : 's'} of code that no operator can change`;
  return new ModelsError(
    'nothing_to_mutate',
    `Could not mutate program ${id}: found ${found} between its EVOLVE-BLOCK markers. ` +
      'Put some code with numbers, operators or several lines between them, or use a language model.',
  );
}
