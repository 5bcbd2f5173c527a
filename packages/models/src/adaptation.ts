import { z } from 'zod';
import { ModelsError } from './errors.ts';
import type { Operator } from './operator.ts';
import type { Json, ProposalOutcome } from './proposer.ts';

/** Learns from outcomes which operators to use and how far they should step. */
export interface Adaptation {
  /** The share of proposals that an operator should make, relative to the others. Never 0. */
  weight(name: string): number;
  /** The operator's step size; 1 for an operator that takes no steps. */
  stepSize(name: string): number;
  observe(outcome: ProposalOutcome): void;
  snapshot(): Json;
  restore(state: Json): void;
}

/** `offline/step` of the operator `step`. */
export const modelPrefix = 'offline/';

// Probability matching: how fast quality follows the outcomes, and the share that every operator keeps.
const learningRate = 0.05;
// A child that cannot even be scored says more against its operator than one that is merely worse.
const failureRate = 0.12;
const minShare = 0.006;
// What a child that beats its parent, but not the best so far, earns.
const sideReward = 0.1;

// The 1/5 rule: at one success in five the two factors cancel out.
const successGain = 0.4;
const minStep = 0.002;
const maxStep = 2;

const stateSchema = z.object({
  version: z.literal(1),
  best: z.number().nullable(),
  typical_gain: z.number().min(0),
  operators: z.record(z.string(), z.object({ quality: z.number().min(0).max(1), step: z.number().positive() })),
});

/**
 * Adapts operators to what became of their proposals.
 *
 * - The choice: probability matching (Goldberg 1990; Thierens 2005). An operator's quality is a running mean of its
 *   rewards, starting from its prior; its weight is quality plus a floor. What counts is the gain over the best so far,
 *   for a child that merely beats a weak parent brings the run no further.
 * - The step size: the 1/5 success rule (Rechenberg 1973) in the form of Kern et al. 2004, per operator: grows when more
 *   than one step in five succeeds, shrinks otherwise. When it has shrunk to nothing it starts over, because a search
 *   that is stuck gains nothing from smaller steps still.
 *
 * It depends on the observed outcomes alone, so replaying them brings back the same state.
 */
export function createAdaptation(operators: readonly Operator[]): Adaptation {
  const initial = new Map(
    operators.map(({ name, prior, initialStep }) => [name, { quality: prior * 0.2, step: initialStep ?? 1 }]),
  );
  const learned = new Map([...initial].map(([name, entry]) => [name, { ...entry }]));
  const adaptsStep = new Set(operators.filter(({ initialStep }) => initialStep !== null).map(({ name }) => name));

  let best: number | null = null;
  let typicalGain = 0;

  /** 0.5 for a new best that gains as much as new bests do of late, more for a larger gain; little for any other success. */
  function rewardOf({ improved, score, parentScore }: ProposalOutcome): number {
    if (!improved || score === null) return 0;
    if (parentScore === null) return 0.5;
    // That it improved tells which way scores get better.
    const gain = (score - (best ?? parentScore)) * Math.sign(score - parentScore);
    if (!(gain > 0)) return sideReward;
    best = score;
    const reward = typicalGain === 0 ? 0.5 : gain / (gain + typicalGain);
    typicalGain = typicalGain === 0 ? gain : typicalGain + 0.1 * (gain - typicalGain);
    return reward;
  }

  /** Probability matching's p_min, which leaves every operator a share however poor its quality. */
  function weight(name: string): number {
    const total = [...learned.values()].reduce((sum, { quality }) => sum + quality, 0);
    return learned.get(name)!.quality + (minShare / (1 - minShare * learned.size)) * total;
  }

  return {
    weight,
    stepSize: (name) => learned.get(name)!.step,
    observe(outcome) {
      const { model, improved } = outcome;
      const name = model?.startsWith(modelPrefix) ? model.slice(modelPrefix.length) : '';
      const entry = learned.get(name);
      // Another proposer's outcome.
      if (!entry) return;
      const rate = outcome.score === null ? failureRate : learningRate;
      entry.quality += rate * (rewardOf(outcome) - entry.quality);
      if (!adaptsStep.has(name)) return;
      entry.step = Math.min(maxStep, entry.step * Math.exp(improved ? successGain : -successGain / 4));
      if (entry.step < minStep) entry.step = initial.get(name)!.step;
    },
    snapshot: () => ({
      version: 1,
      best,
      typical_gain: typicalGain,
      operators: Object.fromEntries([...learned].map(([name, entry]) => [name, { ...entry }])),
    }),
    restore(state) {
      const parsed = stateSchema.safeParse(state);
      if (!parsed.success) {
        throw new ModelsError(
          'invalid_state',
          `Could not restore the offline mutator: its saved state is not one of version 1 (${z.prettifyError(parsed.error)}). ` +
            'Resume with the kai that wrote the checkpoint, or start without the state.',
          { cause: parsed.error },
        );
      }
      best = parsed.data.best;
      typicalGain = parsed.data.typical_gain;
      // An operator that the state does not know starts fresh; one that no longer exists is forgotten.
      for (const [name, entry] of initial) learned.set(name, { ...(parsed.data.operators[name] ?? entry) });
    },
  };
}
