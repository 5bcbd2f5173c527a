/** The part of `process` that tells of signals. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

export interface StopRequests {
  /** Aborts at the first request: end what is in flight. */
  readonly stop: AbortSignal;
  /** Aborts at the second: end at once. */
  readonly abort: AbortSignal;
  close(): void;
}

const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
// npm and pnpm pass Ctrl-C on to a child that has already had it from the terminal.
const samePressMs = 300;

/**
 * Turns SIGINT, SIGTERM and SIGHUP into requests: the first stops in order, the second at once, the third calls
 * `exitNow`. The same signal within 300 ms of the last one that counted is the same key press.
 */
export function listenForStop({
  source = process,
  nowMs = Date.now,
  exitNow,
}: {
  source?: SignalSource;
  nowMs?: () => number;
  exitNow: () => void;
}): StopRequests {
  const stop = new AbortController();
  const abort = new AbortController();
  let last: { signal: NodeJS.Signals; atMs: number } | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    const atMs = nowMs();
    if (last !== null && last.signal === signal && atMs - last.atMs < samePressMs) return;
    last = { signal, atMs };
    if (!stop.signal.aborted) stop.abort();
    else if (!abort.signal.aborted) abort.abort();
    else exitNow();
  };
  for (const signal of signals) source.on(signal, onSignal);
  return {
    stop: stop.signal,
    abort: abort.signal,
    close() {
      for (const signal of signals) source.off(signal, onSignal);
    },
  };
}

/** Resolves when the signal aborts; at once when it has. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
