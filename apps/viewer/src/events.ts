import { stat } from 'node:fs/promises';
import type { FoundRun } from '@kai/run-state';
import type { SSEStreamingApi } from 'hono/streaming';
import { eventPayload, type LiveView } from './live-payload.ts';
import { describeRun, type RunPage, type RunSources } from './load-run.ts';
import { Pace } from './pace.ts';
import type { RunSections } from './run-sections.ts';
import type { RunWatch } from './run-watch.ts';

/** Where events go; each call resolves when the client has taken what was written. */
export type EventSink = Pick<SSEStreamingApi, 'write' | 'writeSSE'>;

export interface StreamOptions {
  view: LiveView;
  /** Unix seconds. */
  now: () => number;
  /** Ends the stream. */
  signal: AbortSignal;
  /** The id of the `end` event of a state. */
  endId: (page: RunPage) => string;
}

/**
 * Sends the run to one client until it ends or the client leaves: a message per change, each with the latest state and at most
 * one on its way, so that a slow client skips states and never makes a queue; then `end`, or `gone` when the run's directory
 * was deleted.
 */
export async function streamRun(
  stream: EventSink,
  { run, sources }: { run: FoundRun; sources: RunSources },
  options: StreamOptions,
): Promise<void> {
  const { watch, release } = sources.states.use(run);
  try {
    await sendChanges(stream, { watch, sources }, options);
  } finally {
    release();
  }
}

async function sendChanges(
  stream: EventSink,
  { watch, sources }: { watch: RunWatch; sources: RunSources },
  { view, now, signal, endId }: StreamOptions,
): Promise<void> {
  const pace = new Pace();
  const known = new Map<keyof RunSections, string>();
  while (!signal.aborted) {
    const state = await watch.state();
    const { version } = watch;
    const step = state.active ? pace.next(version, performance.now()) : ({ send: 'all' } as const);
    if ('waitMs' in step) {
      // A watch that could not go on: the client comes back, and a new one is made.
      if (watch.ended) return;
      await watch.changed({ signal, timeoutMs: step.waitMs });
      if (pace.isQuiet(performance.now())) {
        await stream.write(': still here\n\n');
        pace.beat(performance.now());
      }
      continue;
    }
    if (!state.active && !(await exists(state.dir))) {
      await stream.writeSSE({ event: 'gone', data: '{}' });
      return;
    }
    const page = await describeRun(sources, state);
    const payload = eventPayload(page, { view, now: now(), withChart: step.send === 'all', known });
    await stream.writeSSE({ id: String(version), data: JSON.stringify(payload) });
    pace.sent(step.send, version, performance.now());
    if (state.active) continue;
    const { status, stop_reason } = payload;
    await stream.writeSSE({ event: 'end', id: endId(page), data: JSON.stringify({ status, stop_reason }) });
    return;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
