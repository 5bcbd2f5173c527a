import type { Direction, RunGoals } from '@kai/run-state';
import { formatDuration, formatScore } from './format.ts';
import { gainWords } from './gain-words.ts';
import type { RunPage } from './load-run.ts';
import { html, type Markup, plainText } from './markup.ts';
import { ago, since } from './moment.ts';
import { stopReasonWords } from './status-words.ts';
import { typedPath } from './typed-path.ts';

/**
 * One sentence made from facts, and how long ago the last gain was. The first is announced when it changes, so nothing in it
 * may change by time alone or with every iteration, save what is marked as not to be announced.
 */
export function verdict(page: RunPage, now: number): { sentence: Markup; lastGain: Markup } {
  return { sentence: html`${condition(page, now)}${standing(page, now)}`, lastGain: lastGain(page, now) };
}

function condition({ state, facts, command }: RunPage, now: number): Markup | null {
  const { status, iteration, updatedAt, trajectory, startedAt, endedAt } = state;
  const done = `after ${iteration.toLocaleString('en')} iterations`;
  switch (status) {
    case 'finished':
    case 'stopped': {
      const reason = stopReasonWords(state);
      const took = startedAt !== null && endedAt !== null ? ` in ${formatDuration(endedAt - startedAt)}` : '';
      const word = status === 'finished' ? 'Finished' : 'Stopped';
      return html`${word} ${done}${took}${reason && ` (${reason})`}. `;
    }
    case 'failed':
      return html`Failed ${done}: ${plainText(state.error ?? 'no reason was recorded', 500)}${/[.!?]$/.test(state.error ?? '') ? '' : '.'} `;
    case 'interrupted':
      return html`Interrupted ${done}: its process is gone. Resume with <code>${plainText(command)} resume ${plainText(typedPath(state.dir))}</code>. `;
    case 'stalled': {
      const usual = facts.gapSeconds === null ? '' : `; usual gap ${formatDuration(facts.gapSeconds)}`;
      const quiet = updatedAt ?? startedAt;
      return html`No iteration for <span aria-live="off">${quiet === null ? 'a while' : since(quiet, now)}</span>${usual}. `;
    }
    case 'waiting':
      return html`Waiting: the model or the queue is out of reach and is tried again. `;
    case 'idle':
      return trajectory.count === 0 ? null : html`Nothing has changed here for a while. `;
    case 'running':
      return null;
  }
}

function standing({ state, facts, goals }: RunPage, now: number): Markup {
  const { trajectory, best, active, startedAt, direction } = state;
  if (trajectory.count === 0) {
    if (!active) return html`No evaluation was recorded.`;
    return html`${startedAt === null ? 'Started' : html`Started <span aria-live="off">${ago(startedAt, now)}</span>`}; first evaluation pending.`;
  }
  if (best === null) {
    if (state.status === 'failed' && state.error !== null) return html``;
    if (trajectory.count === 1 && state.iteration === 0) return html`The initial program could not be scored.`;
    return html`No program could be scored${active ? ' yet' : ''}: all ${trajectory.count.toLocaleString('en')} failed.`;
  }
  const words = gainWords(facts, direction);
  return html`<strong>${formatScore(best)}</strong>${facts.gain === null ? '' : words === null ? ', no gain over the initial program' : `, ${words} the initial program`}${referenceWords(best, goals, direction)}.`;
}

/** `; 96 % of best known`: the share of the hardest reference score that is reached; empty where a share has no meaning. */
function referenceWords(best: number, { referenceScores }: RunGoals, direction: Direction): string {
  const [hardest] = Object.entries(referenceScores).sort(([, a], [, b]) => b - a);
  if (hardest === undefined || direction === 'minimize' || hardest[1] <= 0 || best <= 0) return '';
  // Rounded down: 99.96 % of the best known is not all of it.
  return `; ${(Math.floor((best / hardest[1]) * 1000) / 10).toFixed(1)} % of ${plainText(hardest[0], 60)}`;
}

function lastGain({ state, facts }: RunPage, now: number): Markup {
  const last = state.trajectory.improvements.at(-1);
  if (last === undefined || facts.iterationsSinceGain === null) return html``;
  if (!state.active) return html`Best found at iteration ${last.iter.toLocaleString('en')}.`;
  if (facts.iterationsSinceGain === 0) {
    return html`Last gain ${facts.lastGainAt === null ? 'just now' : ago(facts.lastGainAt, now)}.`;
  }
  const iterations = `${facts.iterationsSinceGain.toLocaleString('en')} ${facts.iterationsSinceGain === 1 ? 'iteration' : 'iterations'}`;
  return html`Last gain ${iterations}${facts.lastGainAt === null ? ' ago' : html`, ${ago(facts.lastGainAt, now)}`}.`;
}
