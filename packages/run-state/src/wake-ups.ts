import { directoryChanges } from '@kai/progress/jsonl';

/**
 * Yields at once, at every change in one of the directories and at least every `pollMs`; ends when `signal` aborts. What happens while
 * the consumer is busy is one wake-up.
 */
export async function* wakeUps(
  dirs: readonly string[],
  { signal, pollMs }: { signal: AbortSignal | undefined; pollMs: number },
): AsyncGenerator<void, void, undefined> {
  if (signal?.aborted) return;
  const ended = new AbortController();
  let isDue = true;
  let wake = () => {};
  const notify = () => {
    isDue = true;
    wake();
  };
  const end = () => {
    ended.abort();
    notify();
  };
  signal?.addEventListener('abort', end, { once: true });
  const timer = setInterval(notify, pollMs);
  const watching = Promise.all(dirs.map((dir) => notifyOfChanges(dir, { signal: ended.signal, pollMs, notify })));
  try {
    while (true) {
      if (!isDue) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (ended.signal.aborted) return;
      isDue = false;
      yield;
    }
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', end);
    ended.abort();
    await watching;
  }
}

async function notifyOfChanges(
  dir: string,
  { signal, pollMs, notify }: { signal: AbortSignal; pollMs: number; notify: () => void },
): Promise<void> {
  try {
    for await (const _ of directoryChanges(dir, { signal, pollMs })) notify();
  } catch {
    // Without file events the timer alone finds the changes, a little later.
  }
}
