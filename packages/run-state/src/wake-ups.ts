import { directoryChanges } from '@kai/progress/jsonl';

/** Yields at once, at every change in the directory and at least every `pollMs`; ends when `signal` aborts. */
export async function* wakeUps(
  dir: string,
  { signal, pollMs }: { signal: AbortSignal | undefined; pollMs: number },
): AsyncGenerator<void, void, undefined> {
  const ended = new AbortController();
  const end = () => ended.abort();
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted) end();
  const changes = directoryChanges(dir, { signal: ended.signal, pollMs });
  let change = changes.next();
  try {
    while (!ended.signal.aborted) {
      let timer: NodeJS.Timeout | undefined;
      const tick = new Promise<'tick'>((resolve) => {
        timer = setTimeout(resolve, pollMs, 'tick');
      });
      const woken = await Promise.race([change, tick]);
      clearTimeout(timer);
      if (ended.signal.aborted) return;
      if (woken !== 'tick') {
        if (woken.done) return;
        change = changes.next();
      }
      yield;
    }
  } finally {
    signal?.removeEventListener('abort', end);
    end();
    // directoryChanges ends by itself once aborted; what it was doing is waited for, so that no watcher outlives this.
    await change.catch(() => undefined);
    await changes.return();
  }
}
