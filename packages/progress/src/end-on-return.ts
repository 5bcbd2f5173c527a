/**
 * Starts a generator that waits on a signal, so that return() ends it even while a next() is pending. A plain async generator
 * queues return() behind that next(), which may wait for ever (a stream made of it could never be destroyed).
 * Nothing is started, and `signal` is not listened to, before the first next().
 */
export function endOnReturn<T>(
  signal: AbortSignal | undefined,
  start: (signal: AbortSignal) => AsyncGenerator<T, void>,
): AsyncGenerator<T, void> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const generator = (async function* () {
    if (signal?.aborted) return;
    signal?.addEventListener('abort', abort, { once: true });
    try {
      yield* start(controller.signal);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  })();
  const returnNow = generator.return.bind(generator);
  generator.return = (value) => {
    abort();
    return returnNow(value);
  };
  return generator;
}
