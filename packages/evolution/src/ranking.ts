import { compareBestFirst } from './direction.ts';
import type { Direction } from './interfaces.ts';
import type { Program } from './program.ts';

/**
 * Programs in order, best first. Equal scores stand in order of iteration, then id, so the order depends on the
 * members alone and not on when they came. Finding a place is O(log n).
 */
export class Ranking {
  readonly #direction: Direction;
  readonly #programs: Program[] = [];

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  get size(): number {
    return this.#programs.length;
  }

  /** All members, best first. Not to be changed by the caller. */
  get programs(): readonly Program[] {
    return this.#programs;
  }

  get best(): Program | null {
    return this.#programs[0] ?? null;
  }

  insert(program: Program): void {
    this.#programs.splice(this.#placeOf(program), 0, program);
  }

  delete(program: Program): void {
    const place = this.#placeOf(program);
    if (this.#programs[place] === program) this.#programs.splice(place, 1);
  }

  /** Negative when `a` stands before `b`. */
  readonly compare = (a: Program, b: Program): number =>
    compareBestFirst(a.score, b.score, this.#direction) ||
    a.iteration - b.iteration ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

  #placeOf(program: Program): number {
    let low = 0;
    let high = this.#programs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(this.#programs[middle]!, program) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
