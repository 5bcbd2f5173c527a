import type { Trajectory } from '@kai/run-state';

/** Iterations per second lately, from a count that is told again and again. Times are Unix seconds. */
export class RateMeter {
  readonly #windowSeconds: number;
  readonly #samples: { at: number; count: number }[] = [];

  constructor({ windowSeconds = 15 }: { windowSeconds?: number } = {}) {
    this.#windowSeconds = windowSeconds;
  }

  add(at: number, count: number): void {
    this.#samples.push({ at, count });
    // Slow runs need more than the window: at least the last ten iterations are looked at.
    while (
      this.#samples.length > 2 &&
      at - this.#samples[1]!.at >= this.#windowSeconds &&
      count - this.#samples[1]!.count >= 10
    ) {
      this.#samples.shift();
    }
  }

  /** Null until something was completed. */
  perSecond(at: number): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.count <= first.count || at <= first.at) return null;
    return (last.count - first.count) / (at - first.at);
  }
}

/** Iterations per second over the last (at most 100) samples of a trajectory; null when there are too few. */
export function recentRate({ samples }: Pick<Trajectory, 'samples'>, until: number | null = null): number | null {
  const recent = samples.slice(-100);
  const first = recent[0];
  const last = recent.at(-1);
  if (!first || !last) return null;
  const seconds = Math.max(last.ts, until ?? 0) - first.ts;
  const rate = (last.iter - first.iter) / seconds;
  return seconds > 0 && rate > 0 ? rate : null;
}

/** How many iterations a rate must rest on before it says anything of the time that is left. */
const enoughForAnEstimate = 5;

/** Seconds until all iterations are done at this rate, which rests on `measured` iterations; null when that cannot be told. */
export function secondsLeft(
  { iteration, maxIterations }: { iteration: number; maxIterations: number | null },
  { perSecond, measured }: { perSecond: number | null; measured: number },
): number | null {
  if (maxIterations === null || perSecond === null || measured < enoughForAnEstimate) return null;
  return Math.max(0, maxIterations - iteration) / perSecond;
}
