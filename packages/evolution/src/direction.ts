import type { Direction } from './interfaces.ts';

/** Whether `a` is strictly better than `b`. */
export function isBetter(a: number, b: number, direction: Direction): boolean {
  return direction === 'maximize' ? a > b : a < b;
}

/** Compares for sorting, best first; equal scores compare as 0. */
export function compareBestFirst(a: number, b: number, direction: Direction): number {
  return direction === 'maximize' ? b - a : a - b;
}
