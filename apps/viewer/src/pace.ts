/** What a stream may send at a moment: all, all but the chart, or nothing for so many milliseconds. */
export type PaceStep = { send: 'all' | 'numbers' } | { waitMs: number };

const numbersEveryMs = 100;
const chartEveryMs = 500;

/**
 * Decides when a client hears of a new version: numbers at most 10 times a second, the chart at most twice. The last version
 * is always sent whole in the end, and versions that come in between are never queued. Times are milliseconds of any clock.
 */
export class Pace {
  readonly #heartbeatMs: number;
  #version = -1;
  #sentAt = Number.NEGATIVE_INFINITY;
  #chartVersion = -1;
  #chartAt = Number.NEGATIVE_INFINITY;
  #wroteAt = 0;

  constructor({ heartbeatMs = 15_000 }: { heartbeatMs?: number } = {}) {
    this.#heartbeatMs = heartbeatMs;
  }

  next(version: number, now: number): PaceStep {
    const chartIn = this.#chartAt + chartEveryMs - now;
    const numbersIn = this.#sentAt + numbersEveryMs - now;
    if (version !== this.#version) {
      if (numbersIn > 0) return { waitMs: numbersIn };
      return { send: chartIn > 0 ? 'numbers' : 'all' };
    }
    if (version !== this.#chartVersion) return chartIn > 0 ? { waitMs: chartIn } : { send: 'all' };
    return { waitMs: Math.max(0, this.#wroteAt + this.#heartbeatMs - now) };
  }

  /** Notes what was sent; the time counts from when it had left, so that a slow client slows itself. */
  sent(what: 'all' | 'numbers', version: number, now: number): void {
    this.#version = version;
    this.#sentAt = now;
    this.#wroteAt = now;
    if (what === 'numbers') return;
    this.#chartVersion = version;
    this.#chartAt = now;
  }

  /** Whether the connection was quiet for so long that a sign of life is due. */
  isQuiet(now: number): boolean {
    return now - this.#wroteAt >= this.#heartbeatMs;
  }

  /** Notes a sign of life. */
  beat(now: number): void {
    this.#wroteAt = now;
  }
}
