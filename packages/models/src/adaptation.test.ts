import { describe, expect, it } from 'vitest';
import { createAdaptation } from './adaptation.ts';
import type { Operator } from './operator.ts';

const operator = (name: string): Operator => ({ name, prior: 0.5, initialStep: 0.3, edit: () => null });
const outcome = (name: string, score: number | null, parentScore = 1) => ({
  iteration: 1,
  model: `offline/${name}`,
  parentScore,
  score,
  improved: score !== null && score > parentScore,
  error: null,
});

describe('adaptation', () => {
  it('lengthens the steps of an operator that succeeds and shortens those of one that fails', () => {
    const adaptation = createAdaptation([operator('good'), operator('bad')]);
    adaptation.observe(outcome('good', 2));
    adaptation.observe(outcome('bad', 0.5));
    expect(adaptation.stepSize('good')).toBeCloseTo(0.3 * Math.exp(0.4), 12);
    expect(adaptation.stepSize('bad')).toBeCloseTo(0.3 * Math.exp(-0.1), 12);
  });

  it('keeps the step size when one step in five succeeds', () => {
    const adaptation = createAdaptation([operator('even')]);
    for (const score of [2, null, 0.5, 0.5, 0.5]) adaptation.observe(outcome('even', score));
    expect(adaptation.stepSize('even')).toBeCloseTo(0.3, 12);
  });

  it('starts over with the first step size when steps have shrunk to nothing', () => {
    const adaptation = createAdaptation([operator('stuck')]);
    for (let i = 0; i < 50; i++) adaptation.observe(outcome('stuck', 0.5));
    expect(adaptation.stepSize('stuck')).toBeLessThan(0.0025);
    adaptation.observe(outcome('stuck', 0.5));
    expect(adaptation.stepSize('stuck')).toBe(0.3);
  });

  it('prefers the operator that makes new bests, and leaves the other a share', () => {
    const adaptation = createAdaptation([operator('good'), operator('bad')]);
    for (let i = 0; i < 200; i++) {
      adaptation.observe(outcome('good', 2 + i, 1 + i));
      adaptation.observe(outcome('bad', 0.5));
    }
    expect(adaptation.weight('good')).toBeGreaterThan(50 * adaptation.weight('bad'));
    expect(adaptation.weight('bad')).toBeGreaterThan(0);
  });

  it('rewards a lower score where lower is better', () => {
    const adaptation = createAdaptation([operator('down'), operator('other')]);
    adaptation.observe({ ...outcome('down', 0.5), improved: true });
    adaptation.observe({ ...outcome('down', 0.25, 0.5), improved: true });
    expect(adaptation.weight('down')).toBeGreaterThan(adaptation.weight('other'));
  });

  it('ignores the outcomes of other proposers', () => {
    const adaptation = createAdaptation([operator('step')]);
    const before = adaptation.snapshot();
    adaptation.observe({ ...outcome('step', 2), model: 'gpt-5-mini' });
    adaptation.observe({ ...outcome('step', 2), model: null });
    expect(adaptation.snapshot()).toEqual(before);
  });
});
