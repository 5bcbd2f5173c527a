import type { FailureRange } from './trajectory.ts';

const maxRanges = 1000;
const thinnedRanges = 600;

/**
 * Failed iterations as sorted, separate ranges. Neighbours (4 and 5) are always one range. With more than 1,000 ranges, those
 * that lie close together merge as well: the span that a merged range may have doubles until at most 600 are left.
 * So scattered failures of a long run stay spread over its length, and a far outlier stays alone.
 */
export class FailureRanges {
  #ranges: FailureRange[] = [];
  /** Ranges merge when the result spans at most this many iterations. */
  #span = 1;

  add(iter: number): void {
    const ranges = this.#ranges;
    const at = this.#firstNotBefore(iter);
    const next = ranges[at];
    const single = { fromIter: iter, toIter: iter, count: 1 };
    const before = ranges[at - 1];
    if (next !== undefined && next.fromIter <= iter) {
      next.count++;
    } else if (before !== undefined && this.#belong(before, single)) {
      join(before, single);
      if (next !== undefined && this.#belong(before, next)) {
        join(before, next);
        ranges.splice(at, 1);
      }
    } else if (next !== undefined && this.#belong(single, next)) {
      join(next, single);
    } else {
      ranges.splice(at, 0, single);
      if (ranges.length > maxRanges) this.#thin();
    }
  }

  ranges(): FailureRange[] {
    return this.#ranges.map((range) => ({ ...range }));
  }

  /** Index of the first range that does not end before `iter`. Iterations mostly grow: the end is tried first. */
  #firstNotBefore(iter: number): number {
    const ranges = this.#ranges;
    let low = 0;
    let high = ranges.length;
    if (high === 0 || ranges[high - 1]!.toIter < iter) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ranges[middle]!.toIter < iter) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #belong(range: FailureRange, next: FailureRange): boolean {
    return next.fromIter - range.toIter <= 1 || next.toIter - range.fromIter < this.#span;
  }

  #thin(): void {
    while (this.#ranges.length > thinnedRanges && this.#span !== Number.POSITIVE_INFINITY) {
      this.#span *= 2;
      const merged: FailureRange[] = [];
      for (const range of this.#ranges) {
        const last = merged.at(-1);
        if (last !== undefined && this.#belong(last, range)) join(last, range);
        else merged.push(range);
      }
      this.#ranges = merged;
    }
  }
}

function join(range: FailureRange, other: FailureRange): void {
  range.fromIter = Math.min(range.fromIter, other.fromIter);
  range.toIter = Math.max(range.toIter, other.toIter);
  range.count += other.count;
}
