import { createHash } from 'node:crypto';

/** Uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * Hex text that is a function of the run's seed, the iteration and what it is for.
 *
 * Every random choice of iteration n comes from such a text, so no generator state has to survive a crash, and an
 * iteration makes the same choices whatever else was in flight.
 */
export function seedFor(seed: number, iteration: number, purpose: string): string {
  return createHash('sha256').update(`${seed}/${iteration}/${purpose}`).digest('hex');
}

/** The id of the program that iteration n makes: 32 hex digits, the same at every repetition of the run. */
export function programIdFor(seed: number, iteration: number): string {
  return seedFor(seed, iteration, 'program').slice(0, 32);
}

/**
 * A generator of uniform numbers from hex text of at least 32 digits.
 *
 * sfc32 of Chris Doty-Humphrey's PractRand: 128 bits of state, passes BigCrush, and is a few additions a number.
 */
export function randomFrom(hex: string): Random {
  let [a = 0, b = 0, c = 0, counter = 1] = [0, 8, 16, 24].map((at) => Number.parseInt(hex.slice(at, at + 8), 16) | 0);
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // The first outputs still resemble the seed.
  for (let i = 0; i < 12; i++) next();
  return next;
}

/** One element, each with the same chance; undefined for an empty list. */
export function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items[Math.floor(random() * items.length)];
}
