/** What one reader saw of a value that another process changes, by the reader's own clock. */
export interface Seen {
  /** Seconds since the change, or since the first look where none was seen. */
  seconds: number;
  /** Whether a change was seen, so that `seconds` is its age and not only the least that it can be. */
  isChange: boolean;
}

/**
 * Tells how long a value has stood unchanged without trusting any wall clock: not the writer's, which may be set wrong, nor
 * this system's, which may be set anew while it looks.
 */
export class SteadyWatch {
  readonly #steady: () => number;
  #value: unknown;
  #since: number | null = null;
  #isChange = false;

  /** `steady`: seconds on a clock that nobody sets. */
  constructor(steady: () => number) {
    this.#steady = steady;
  }

  look(value: string | number | null): Seen {
    const now = this.#steady();
    if (this.#since === null || value !== this.#value) {
      this.#isChange = this.#since !== null;
      this.#since = now;
      this.#value = value;
    }
    return { seconds: now - this.#since, isChange: this.#isChange };
  }
}
