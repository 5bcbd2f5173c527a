/**
 * Waits for a promise no longer than until the signal aborts; then rejects with `signal.reason`, whatever the promise does.
 * A proposer or evaluator that ignores its signal must not hold up the end of a run.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
