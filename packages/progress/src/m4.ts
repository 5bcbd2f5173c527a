import { ProgressError } from './progress-error.ts';
import type { Point } from './trajectory.ts';

interface Sample {
  /** Place among the scored records, from 0. */
  index: number;
  point: Point;
}

interface Bucket {
  first: Sample;
  min: Sample;
  max: Sample;
  last: Sample;
}

/**
 * Reduces a series to at most `maxSamples` points and loses no extreme: M4 aggregation (Jugel, Jerzak, Hackenbroich, Markl:
 * "M4: A Visualization-Oriented Time Series Data Aggregation", PVLDB 7(10), 2014) keeps the first, the lowest, the highest and
 * the last of each bucket of consecutive points. Up to maxSamples points all are kept; then the buckets hold 4 points each, and
 * their width doubles (neighbours merge) whenever they are all full. Of equal scores the earliest counts.
 */
export class M4 {
  readonly #maxSamples: number;
  readonly #maxBuckets: number;
  #exact: Point[] | null = [];
  #buckets: Bucket[] = [];
  #width = 4;
  #count = 0;

  constructor(maxSamples: number) {
    if (!Number.isSafeInteger(maxSamples) || maxSamples < 4) {
      throw new ProgressError(
        'bad-option',
        `Could not reduce to ${maxSamples} samples: maxSamples must be a whole number, at least 4.`,
      );
    }
    this.#maxSamples = maxSamples;
    this.#maxBuckets = Math.floor(maxSamples / 4);
  }

  add(point: Point): void {
    if (this.#exact !== null) {
      if (this.#exact.length < this.#maxSamples) {
        this.#exact.push(point);
        return;
      }
      for (const earlier of this.#exact) this.#reduce(earlier);
      this.#exact = null;
    }
    this.#reduce(point);
  }

  /** The points that are kept, in order. */
  points(): Point[] {
    if (this.#exact !== null) return this.#exact.slice();
    const points: Point[] = [];
    for (const { first, min, max, last } of this.#buckets) {
      const [low, high] = min.index < max.index ? [min, max] : [max, min];
      let previous = -1;
      for (const sample of [first, low, high, last]) {
        if (sample.index === previous) continue;
        points.push(sample.point);
        previous = sample.index;
      }
    }
    return points;
  }

  #reduce(point: Point): void {
    const sample = { index: this.#count++, point };
    if (Math.floor(sample.index / this.#width) >= this.#maxBuckets) this.#doubleWidth();
    const at = Math.floor(sample.index / this.#width);
    const one = { first: sample, min: sample, max: sample, last: sample };
    const bucket = this.#buckets[at];
    if (bucket === undefined) this.#buckets.push(one);
    else merge(bucket, one);
  }

  #doubleWidth(): void {
    this.#width *= 2;
    const merged: Bucket[] = [];
    for (let i = 0; i < this.#buckets.length; i += 2) {
      const bucket = this.#buckets[i]!;
      const next = this.#buckets[i + 1];
      if (next !== undefined) merge(bucket, next);
      merged.push(bucket);
    }
    this.#buckets = merged;
  }
}

/** Adds what comes right after `bucket` to it. */
function merge(bucket: Bucket, next: Bucket): void {
  if (next.min.point.score < bucket.min.point.score) bucket.min = next.min;
  if (next.max.point.score > bucket.max.point.score) bucket.max = next.max;
  bucket.last = next.last;
}
