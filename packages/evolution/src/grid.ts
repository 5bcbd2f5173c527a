import { featureOf } from './features.ts';
import type { Program } from './program.ts';

/** The smallest and largest value seen on each feature dimension. */
export type FeatureRanges = Record<string, { min: number; max: number }>;

/** Widens the ranges to hold the program's features; true when one grew, so that every grid must be filed anew. */
export function widenRanges(ranges: FeatureRanges, program: Program, dimensions: readonly string[]): boolean {
  let grew = false;
  for (const dimension of dimensions) {
    const value = featureOf(program, dimension);
    const range = ranges[dimension];
    if (range && range.min <= value && value <= range.max) continue;
    ranges[dimension] = { min: Math.min(range?.min ?? value, value), max: Math.max(range?.max ?? value, value) };
    grew = true;
  }
  return grew;
}

/** The program's cell: one bin per dimension by min-max scaling, joined by `-` as OpenEvolve writes it. */
export function cellOf(
  program: Program,
  ranges: FeatureRanges,
  { dimensions, bins }: { dimensions: readonly string[]; bins: number },
): string {
  return dimensions
    .map((dimension) => {
      const { min, max } = ranges[dimension] ?? { min: 0, max: 0 };
      if (max === min) return 0;
      const bin = Math.floor(((featureOf(program, dimension) - min) / (max - min)) * bins);
      return Math.min(Math.max(bin, 0), bins - 1);
    })
    .join('-');
}
