import { extent } from 'd3-array';
import { clamp } from './points.ts';

export type Range = [number, number];

export interface RangeValues {
  /** Every measured value, in any order. */
  samples: readonly number[];
  /** The best values, oldest first, the current one last. */
  curve?: readonly number[];
}

/**
 * The range of values to draw so that a wild outlier flattens nothing: what lies within three times the interquartile range
 * of the bulk (Tukey's far-out fence), the best curve, and the samples that at most double that.
 *
 * The best curve is in it except where it is itself wild: its past, when it lies further than ten times the bulk's spread and
 * size away; its present, when it is ten times as far from everything else as that is wide and large.
 *
 * @returns undefined without values; low equals high when all values are equal
 */
export function robustRange({ samples, curve = [] }: RangeValues): Range | undefined {
  const sorted = Float64Array.from([...samples, ...curve]).sort();
  if (sorted.length === 0) return undefined;
  // Inner quartiles: with four values or more, one outlier cannot move them.
  const low = sorted[Math.ceil((sorted.length - 1) / 4)]!;
  const high = Math.max(low, sorted[Math.floor(((sorted.length - 1) * 3) / 4)]!);
  const size = Math.max(Math.abs(low), Math.abs(high));
  const spread = high - low || size || smallestStep(sorted);

  const bulk = sorted.filter((value) => value >= low - 3 * spread && value <= high + 3 * spread);
  const range = extent(bulk) as Range;

  const reach = 10 * Math.max(spread, size);
  for (const value of curve) {
    if (value >= low - reach && value <= high + reach) include(range, value);
  }
  // The present: a rise by orders of magnitude stays connected step by step, a single absurd value does not.
  for (const value of curve) {
    const scale = Math.max(range[1] - range[0], Math.abs(range[0]), Math.abs(range[1]));
    if (isAhead(curve, value, range) && distance(range, value) <= 10 * (scale || spread)) include(range, value);
  }

  const width = range[1] - range[0] || spread;
  const [nearLow, nearHigh]: Range = [range[0] - width, range[1] + width];
  for (const value of sorted) {
    if (value >= nearLow && value <= nearHigh) include(range, value);
  }
  return range;
}

/** Whether a curve that has left the range leaves it in the direction in which the curve moves. */
function isAhead(curve: readonly number[], value: number, range: Range): boolean {
  return curve.at(-1)! >= curve[0]! ? value > range[1] : value < range[0];
}

/**
 * Widens a range by those values of less weight, such as reference lines, that leave the rest at least two fifths of the
 * height on their side.
 */
export function includeNear(range: Range, values: readonly number[]): Range {
  const widened: Range = [...range];
  const width = range[1] - range[0];
  const reach = width > 0 ? 1.5 * width : 10 * Math.max(Math.abs(range[0]), Math.abs(range[1]));
  for (const value of values) {
    if (distance(range, value) <= reach) include(widened, value);
  }
  return widened;
}

/** A range that a scale can divide by: equal (or hardly different) ends move apart, by a tenth of their size or to ±1. */
export function widenRange([low, high]: readonly [number | undefined, number | undefined]): Range {
  const [a, b] = [low ?? 0, high ?? 0];
  const size = Math.max(Math.abs(a), Math.abs(b));
  if (b - a > Math.max(size * 1e-12, 1e-290)) return [a, b];
  const half = size < 1e-280 ? 1 : size / 10;
  return [clamp(a - half, -1e301, 1e301), clamp(b + half, -1e301, 1e301)];
}

function include(range: Range, value: number): void {
  range[0] = Math.min(range[0], value);
  range[1] = Math.max(range[1], value);
}

function distance([low, high]: Range, value: number): number {
  return Math.max(0, low - value, value - high);
}

/** The smallest difference between two different neighbours, 0 if all are equal. */
function smallestStep(sorted: Float64Array): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let index = 1; index < sorted.length; index++) {
    const step = sorted[index]! - sorted[index - 1]!;
    if (step > 0 && step < smallest) smallest = step;
  }
  return Number.isFinite(smallest) ? smallest : 0;
}
