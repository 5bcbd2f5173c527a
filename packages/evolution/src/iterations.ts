/** Which iterations are done, in little space: all up to a number, and the few beyond it that overtook others. */
export interface IterationSet {
  /** Every iteration from 0 to here is done; -1: none. */
  upTo: number;
  beyond: number[];
}

/**
 * Numbers iterations when they start and remembers which are done.
 *
 * Iterations in flight end in any order; after a crash the missing numbers are given out again before new ones.
 */
export class Iterations {
  #upTo: number;
  readonly #beyond: Set<number>;
  #next: number;

  constructor(done: IterationSet = { upTo: -1, beyond: [] }) {
    this.#upTo = done.upTo;
    this.#beyond = new Set(done.beyond);
    this.#next = done.upTo + 1;
  }

  /** How many are done, the initial program (iteration 0) included. */
  get count(): number {
    return this.#upTo + 1 + this.#beyond.size;
  }

  /** How many are done, without the initial program. */
  get completed(): number {
    return Math.max(0, this.count - 1);
  }

  has(iteration: number): boolean {
    return iteration <= this.#upTo || this.#beyond.has(iteration);
  }

  /** Gives out the smallest number that is neither done nor given out before. */
  start(): number {
    while (this.has(this.#next)) this.#next++;
    return this.#next++;
  }

  /** The number that `start` would give out. */
  get upcoming(): number {
    while (this.has(this.#next)) this.#next++;
    return this.#next;
  }

  complete(iteration: number): void {
    if (this.has(iteration)) return;
    this.#beyond.add(iteration);
    while (this.#beyond.delete(this.#upTo + 1)) this.#upTo++;
  }

  get done(): IterationSet {
    return { upTo: this.#upTo, beyond: [...this.#beyond].sort((a, b) => a - b) };
  }
}
