import { FailureRanges } from './failure-ranges.ts';
import { Improvements } from './improvements.ts';
import { M4 } from './m4.ts';
import type { Direction, ProgressRecord } from './record.ts';

/** One scored iteration. */
export interface Point {
  iter: number;
  score: number;
  programId: string | null;
  /** Unix seconds. */
  ts: number;
}

/** Failed iterations that lie together: `count` of them within fromIter..toIter, both failed. */
export interface FailureRange {
  fromIter: number;
  toIter: number;
  count: number;
}

/** A run's course, small enough to draw, however long the run. */
export interface Trajectory {
  /** Highest iteration seen; 0 when there is none. */
  iteration: number;
  /** Records whose `iter` is a safe integer, failed ones and repeated iterations included. */
  count: number;
  /** Records without a finite score. */
  failed: number;
  /** Best score, in the given direction; null when nothing was scored. */
  best: number | null;
  /** The strictly better scores in file order, the first score included: exact up to 10,000, then every 2nd, 4th, 8th … of them and always the first and the last. */
  improvements: Point[];
  /** Scored iterations in file order: all up to maxSamples, then reduced so that every extreme stays. */
  samples: Point[];
  /** By iteration: exact up to 1,000 ranges, then those that lie close together are merged. */
  failures: FailureRange[];
}

export interface TrajectoryOptions {
  /** The most samples in a trajectory, at least 4. Default 2000. */
  maxSamples?: number;
  /** Which scores are better. Default `maximize`. */
  direction?: Direction;
}

/**
 * Reduces records to a trajectory one by one: constant memory, amortised constant time per record.
 * The result depends on the records and their order only.
 */
export class TrajectoryBuilder {
  readonly #improvements: Improvements;
  readonly #samples: M4;
  readonly #failures = new FailureRanges();
  #iteration = 0;
  #count = 0;
  #failed = 0;

  /** Throws a ProgressError (bad-option) when maxSamples is not a whole number from 4. */
  constructor({ maxSamples = 2000, direction = 'maximize' }: TrajectoryOptions = {}) {
    this.#improvements = new Improvements(direction);
    this.#samples = new M4(maxSamples);
  }

  /** Ignores a record whose `iter` is not a safe integer: it has no place among the others. A score that is not finite is a failure. */
  add({ iter, score, programId, ts }: ProgressRecord): void {
    if (!Number.isSafeInteger(iter)) return;
    this.#count++;
    if (iter > this.#iteration) this.#iteration = iter;
    if (score === null || !Number.isFinite(score)) {
      this.#failed++;
      this.#failures.add(iter);
      return;
    }
    const point: Point = { iter, score, programId, ts };
    this.#improvements.add(point);
    this.#samples.add(point);
  }

  /** The trajectory of what was added so far; later adds do not change it. */
  trajectory(): Trajectory {
    return {
      iteration: this.#iteration,
      count: this.#count,
      failed: this.#failed,
      best: this.#improvements.best,
      improvements: this.#improvements.points(),
      samples: this.#samples.points(),
      failures: this.#failures.ranges(),
    };
  }
}

/** The trajectory of a list of records, in their order: what a TrajectoryBuilder makes of them. */
export function progressTrajectory(records: Iterable<ProgressRecord>, options?: TrajectoryOptions): Trajectory {
  const builder = new TrajectoryBuilder(options);
  for (const record of records) builder.add(record);
  return builder.trajectory();
}
