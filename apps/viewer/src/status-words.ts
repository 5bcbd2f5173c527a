import type { RunState, RunStatus } from '@kai/run-state';
import { html, type Markup, plainText } from './markup.ts';

/** What the badge says. */
export function statusWord(status: RunStatus): string {
  return status === 'running' ? 'live' : status;
}

/** Word and dot: never colour alone. */
export function badge(status: RunStatus): Markup {
  return html`<span class="badge badge-${status}"><span class="dot" aria-hidden="true">●</span> ${statusWord(status)}</span>`;
}

const reasons: Record<string, string> = {
  max_iterations: 'all iterations done',
  target_score: 'target score reached',
  early_stopping: 'no gain for long enough',
  budget: 'budget used up',
  user: 'by the user',
  // The badge and the message beside it say these.
  closed: '',
  error: '',
};

/** Why a run ended, in words; empty when there is nothing to say. */
export function stopReasonWords({ stopReason }: Pick<RunState, 'stopReason'>): string {
  return stopReason === null ? '' : (reasons[stopReason] ?? plainText(stopReason, 80).replaceAll('_', ' '));
}
