import type { FailureRange } from './trajectory.ts';

const maxRanges = 1000;

/**
 * Failed iterations as ranges, sorted. Ranges merge when the gap between them is at most `reach` iterations; `reach` is 1
 * (neighbours only) and doubles when there are more than 1,000 ranges, until at most half of them are left.
 */
export class FailureRanges {
  #ranges: FailureRange[] = [];
  #reach = 1;

  add(iter: number): void {
    const ranges = this.#ranges;
    const at = this.#firstReaching(iter);
    const range = ranges[at];
    if (range === undefined || range.fromIter - iter > this.#reach) {
      ranges.splice(at, 0, { fromIter: iter, toIter: iter, count: 1 });
      if (ranges.length > maxRanges) this.#thin();
      return;
    }
    range.count++;
    range.fromIter = Math.min(range.fromIter, iter);
    range.toIter = Math.max(range.toIter, iter);
    const next = ranges[at + 1];
    if (next !== undefined && next.fromIter - range.toIter <= this.#reach) {
      join(range, next);
      ranges.splice(at + 1, 1);
    }
  }

  ranges(): FailureRange[] {
    return this.#ranges.map((range) => ({ ...range }));
  }

  /** Index of the first range that ends less than `reach` before `iter`, or later. Iterations mostly grow: the end is tried first. */
  #firstReaching(iter: number): number {
    const ranges = this.#ranges;
    let low = 0;
    let high = ranges.length;
    const last = ranges.at(-1);
    if (last === undefined || iter > last.toIter + this.#reach) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ranges[middle]!.toIter + this.#reach < iter) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #thin(): void {
    while (this.#ranges.length > maxRanges / 2) {
      this.#reach *= 2;
      const merged: FailureRange[] = [];
      for (const range of this.#ranges) {
        const last = merged.at(-1);
        if (last !== undefined && range.fromIter - last.toIter <= this.#reach) join(last, range);
        else merged.push(range);
      }
      this.#ranges = merged;
    }
  }
}

function join(range: FailureRange, next: FailureRange): void {
  range.toIter = Math.max(range.toIter, next.toIter);
  range.count += next.count;
}
