import type { RunGoals, RunState } from '@kai/run-state';
import { type ChartReference, trajectory } from '@kai/svg-chart';

/** `wide` fills the column, `narrow` a phone, `standalone` is a file of its own. */
export type ChartForm = 'wide' | 'narrow' | 'standalone';

const sizes: Record<ChartForm, { width: number; height: number }> = {
  wide: { width: 1100, height: 280 },
  narrow: { width: 390, height: 260 },
  standalone: { width: 1100, height: 280 },
};

const drawn = new WeakMap<RunState, Partial<Record<ChartForm, string>>>();

/** Draws the trajectory of a run; once per state and form, however many ask. */
export function drawRun({ state, goals }: { state: RunState; goals: RunGoals }, form: ChartForm): string {
  let forms = drawn.get(state);
  if (forms === undefined) {
    forms = {};
    drawn.set(state, forms);
  }
  forms[form] ??= draw(state, goals, form);
  return forms[form];
}

function draw(state: RunState, goals: RunGoals, form: ChartForm): string {
  const { improvements, samples, failures } = state.trajectory;
  return trajectory(
    {
      improvements: improvements.map(({ iter, score }) => ({ x: iter, y: score })),
      samples: samples.map(({ iter, score }) => ({ x: iter, y: score })),
      failures: failures.map(({ fromIter, toIter, count }) => ({ fromX: fromIter, toX: toIter, count })),
      lastX: state.iteration,
      references: references(state, goals),
    },
    {
      ...sizes[form],
      direction: state.direction,
      title: `Best score of ${state.label}/${state.idx} by iteration`,
      xMax: axisEnd(state),
      ended: !state.active,
      idPrefix: form === 'standalone' ? '' : `${form}-`,
      standalone: form === 'standalone',
    },
  );
}

function references({ initialScore }: RunState, { targetScore, referenceScores }: RunGoals): ChartReference[] {
  return [
    ...(initialScore === null ? [] : [{ y: initialScore, label: 'initial' }]),
    ...(targetScore === null ? [] : [{ y: targetScore, label: 'target' }]),
    ...Object.entries(referenceScores).map(([label, y]) => ({ y, label })),
  ];
}

/**
 * Where the axis of a run that goes on ends: its maximum, halved as often as the curve still fills less than half of it,
 * so that the first twenty of 10,000 iterations can be seen and the axis does not move with every iteration.
 */
function axisEnd({ active, iteration, maxIterations }: RunState): number | undefined {
  if (!active || maxIterations === null) return undefined;
  let end = maxIterations;
  while (end / 2 > Math.max(20, iteration)) end = Math.ceil(end / 2);
  return end;
}
