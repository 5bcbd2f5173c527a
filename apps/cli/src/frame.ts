import type { InFlight, RunState, RunStatus, StatusReason } from '@kai/run-state';
import { bestCurve } from './best-curve.ts';
import {
  formatAge,
  formatCost,
  formatCount,
  formatDuration,
  formatGain,
  formatPercent,
  formatRate,
  formatRelativeGain,
  formatScore,
} from './format.ts';
import { plainText } from './plain-text.ts';
import { bar } from './progress-line.ts';
import { recentRate, secondsLeft } from './rate.ts';
import type { Style } from './terminal.ts';
import { fitText, textWidth, wrapText } from './text-width.ts';

export interface FrameOptions {
  width: number;
  height: number;
  /** Unix seconds. */
  now: number;
  /** What continues this run, as it is typed. */
  resumeCommand: string;
  paint?: (style: Style, text: string) => string;
}

const statusStyle: Record<RunStatus, Style> = {
  running: 'green',
  waiting: 'yellow',
  stalled: 'yellow',
  finished: 'blue',
  stopped: 'gray',
  failed: 'red',
  interrupted: 'yellow',
  idle: 'gray',
};

const tallestCurve = 12;
const lastImprovements = 5;

/** The word of a status as people see it: `live` for running. */
export function statusWord(status: RunStatus): string {
  return status === 'running' ? 'live' : status;
}

/** What a run is doing, as lines that fit a terminal of that size: header, numbers, curve, slots, last improvements. */
export function frame(
  state: RunState,
  { width, height, now, resumeCommand, paint = (_style, text) => text }: FrameOptions,
): string[] {
  const columns = width - 1;
  const fit = (line: string) => fitText(line, columns);
  const head = [header(state, { columns, now, paint }), ...numbers(state, { columns, now }).map(fit)];
  const explained = explanation(state, resumeCommand)
    .flatMap((line) => wrapText(line, columns))
    .map((line) => paint(statusStyle[state.status], line));
  const below = [
    ...state.inFlight.map((slot) => fit(slotLine(slot, now))),
    ...improvementLines(state).map(fit),
    ...problemLines(state).map(fit),
  ];
  // One row stays free for the cursor; the curve gets what the rest leaves, and goes first when there is little.
  const room = height - 1 - head.length - explained.length;
  const curve = bestCurve(state.trajectory, {
    width: columns,
    height: Math.min(tallestCurve, room - below.length - (below.length > 0 ? 2 : 1)),
  });
  const body = [...(curve.length > 0 ? ['', ...curve.map((row) => paint('cyan', row))] : [])];
  if (below.length > 0 && body.length > 0) body.push('');
  return [...head, ...explained, ...body, ...below].slice(0, Math.max(1, height - 1));
}

function header(
  state: RunState,
  { columns, now, paint }: { columns: number; now: number; paint: (style: Style, text: string) => string },
): string {
  const badge = `● ${statusWord(state.status)}`;
  const reason = state.stopReason === null ? '' : ` (${plainText(state.stopReason).replaceAll('_', ' ')})`;
  const age =
    state.active && state.updatedAt !== null ? `  last iteration ${formatAge(now - state.updatedAt)} ago` : '';
  const name = fitText(`${state.label} / run ${state.idx}`, columns - textWidth(badge) - 2);
  const room = columns - textWidth(`${name}  ${badge}`);
  const rest = [`${reason}${age}`, reason].find((text) => textWidth(text) <= room) ?? '';
  return `${paint('bold', name)}  ${paint(statusStyle[state.status], badge)}${paint('gray', rest)}`;
}

function numbers(state: RunState, { columns, now }: { columns: number; now: number }): string[] {
  const { iteration, maxIterations, failed, calls, trajectory } = state;
  const rate = recentRate(trajectory, state.active ? now : null);
  const left = state.active ? secondsLeft(state, { perSecond: rate, measured: state.trajectory.count - 1 }) : null;
  const elapsed = state.startedAt === null ? null : (state.endedAt ?? endOf(state, now)) - state.startedAt;
  const facts = [
    `best ${bestText(state)}`,
    failed === 0 ? null : `${formatCount(failed)} failed (${formatPercent(failed / Math.max(1, trajectory.count))})`,
    calls === null || calls === 0 ? null : `${formatCount(calls)} calls`,
    state.cost === null ? null : formatCost(state.cost),
    state.unpricedCalls === 0 ? null : `${formatCount(state.unpricedCalls)} calls without a known price`,
  ];
  const pace = [
    iterationText(state, columns),
    formatRate(rate),
    left === null || iteration >= (maxIterations ?? 0) ? null : `${formatDuration(left)} left`,
    elapsed === null ? null : `${formatDuration(elapsed)} elapsed`,
  ];
  return [...wrap(present(pace), columns), ...wrap(present(facts), columns)];
}

function endOf({ active, updatedAt }: RunState, now: number): number {
  return active ? now : (updatedAt ?? now);
}

function iterationText({ iteration, maxIterations }: RunState, columns: number): string {
  if (maxIterations === null) return `iteration ${formatCount(iteration)}`;
  const share = maxIterations === 0 ? 1 : iteration / maxIterations;
  const width = Math.min(20, columns - 30);
  return `${width < 5 ? '' : `${bar(share, width)} `}${formatCount(iteration)}/${formatCount(maxIterations)}`;
}

function bestText({ best, initialScore }: RunState): string {
  if (best === null || initialScore === null || best === initialScore) return formatScore(best);
  const relative = formatRelativeGain(initialScore, best);
  const share = relative === null ? '' : `, ${relative}`;
  return `${formatScore(best)} (${formatGain(initialScore, best)}${share} over ${formatScore(initialScore)})`;
}

const reasonText: Record<StatusReason, string> = {
  process_gone: 'Its process is gone.',
  heartbeat_overdue: 'Its process has given no sign of life for too long.',
  suspended: 'Its process is suspended; "fg" in its shell, or kill -CONT, lets it go on.',
  no_iteration: 'Its process runs, but no iteration has been completed for long.',
  unchanged: 'Nothing in its folder has changed for long.',
};

/** Why it ended or seems to stand still, and how to go on with an interrupted run. */
function explanation({ error, status, statusReason, best, trajectory }: RunState, resumeCommand: string): string[] {
  const lines = error === null ? [] : [plainText(error)];
  if (statusReason !== null) lines.push(reasonText[statusReason]);
  // A run of which nothing could be scored has nothing to go on from.
  const canGoOn = best !== null || trajectory.count === 0;
  if (status === 'interrupted' && canGoOn) lines.push(`To go on with it: ${resumeCommand}`);
  return lines;
}

function slotLine({ slot, iter, phase, since }: InFlight, now: number): string {
  return `slot ${slot}  #${formatCount(iter)}  ${phase} ${formatAge(now - since)}`;
}

function improvementLines({ trajectory: { improvements } }: RunState): string[] {
  const last = improvements.slice(-lastImprovements - 1);
  return last
    .map(({ iter, score }, index) => {
      const before = last[index - 1];
      const gain = before === undefined ? '' : `  ${formatGain(before.score, score)}`;
      return `#${formatCount(iter)}  ${formatScore(score)}${gain}`;
    })
    .slice(improvements.length > lastImprovements ? 1 : 0)
    .reverse();
}

function problemLines({ problems }: RunState): string[] {
  const [first] = problems;
  if (first === undefined) return [];
  const where = `${first.file}${first.line === null ? '' : ` line ${first.line}`}`;
  const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`;
  return [`left out: ${plainText(`${where}: ${first.reason}`)}${more}`];
}

/** Facts, two spaces apart, on as many lines as they need. */
function wrap(facts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth(last) + 2 + textWidth(fact) <= columns)
      lines[lines.length - 1] = `${last}  ${fact}`;
    else lines.push(fact);
  }
  return lines;
}

function present(facts: readonly (string | null)[]): string[] {
  return facts.filter((fact) => fact !== null && fact !== '–') as string[];
}
