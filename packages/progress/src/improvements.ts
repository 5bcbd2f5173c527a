import { type Direction, isBetter } from './record.ts';
import type { Point } from './trajectory.ts';

const maxPoints = 10_000;

/**
 * The points that were strictly better than all before. Exact up to 10,000; when there are more, every second of those kept is
 * dropped, so that every 2nd, then 4th, 8th … improvement is kept, and always the first and the last.
 */
export class Improvements {
  readonly #direction: Direction;
  #kept: Point[] = [];
  #stride = 1;
  #count = 0;
  #last: Point | null = null;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  get best(): number | null {
    return this.#last?.score ?? null;
  }

  add(point: Point): void {
    if (this.#last !== null && !isBetter(point.score, this.#last.score, this.#direction)) return;
    this.#last = point;
    // One place is for the last improvement, where it is not kept anyway.
    if (this.#count++ % this.#stride !== 0) return;
    if (this.#kept.length === maxPoints) {
      this.#kept = this.#kept.filter((_, index) => index % 2 === 0);
      this.#stride *= 2;
      if ((this.#count - 1) % this.#stride !== 0) return;
    }
    this.#kept.push(point);
  }

  points(): Point[] {
    const points = this.#kept.slice();
    if (this.#last !== null && points.at(-1) !== this.#last) {
      if (points.length === maxPoints) points.pop();
      points.push(this.#last);
    }
    return points;
  }
}
