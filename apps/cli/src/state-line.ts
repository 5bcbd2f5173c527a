import type { RunState } from '@kai/run-state';
import { formatCost, formatCount, formatDuration, formatRate, formatScore } from './format.ts';
import { statusWord } from './frame.ts';
import { plainText } from './plain-text.ts';
import { recentRate, secondsLeft } from './rate.ts';

/** A run in one line: `live  412/1,000  18.2/s  0:32 left  best 1.934  12 failed`. */
export function stateLine(state: RunState, { now }: { now: number }): string {
  const { iteration, maxIterations, active } = state;
  const rate = recentRate(state.trajectory, active ? now : null);
  const left = active ? secondsLeft(state, { perSecond: rate, measured: state.trajectory.count - 1 }) : null;
  const facts = [
    `${statusWord(state.status)}${state.stopReason === null ? '' : ` (${plainText(state.stopReason).replaceAll('_', ' ')})`}`,
    maxIterations === null
      ? `iteration ${formatCount(iteration)}`
      : `${formatCount(iteration)}/${formatCount(maxIterations)}`,
    active && rate !== null ? formatRate(rate) : null,
    left === null || iteration >= (maxIterations ?? 0) ? null : `${formatDuration(left)} left`,
    `best ${formatScore(state.best)}`,
    state.failed === 0 ? null : `${formatCount(state.failed)} failed`,
    state.calls === null || state.calls === 0 ? null : `${formatCount(state.calls)} calls`,
    state.cost === null ? null : formatCost(state.cost),
    state.error === null ? null : plainText(state.error),
  ];
  return facts.filter((fact) => fact !== null).join('  ');
}
