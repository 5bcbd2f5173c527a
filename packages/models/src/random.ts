/** A stream of random numbers that a seed decides completely. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, count); 0 when count is 0. */
  below(count: number): number;
  /** Standard normal. */
  gaussian(): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of the items. The list must not be empty. */
  pick<T>(items: readonly T[]): T;
  /** The items in random order; the list itself is left alone. */
  shuffled<T>(items: readonly T[]): T[];
  /** An index, drawn in proportion to the weights; all zero or empty: 0. */
  weighted(weights: readonly number[]): number;
}

/**
 * Makes the stream that belongs to a seed, any text.
 *
 * The text is hashed to four 32-bit words (MurmurHash3's mixing steps, Appleby 2011, in the arrangement known as xmur3)
 * that start sfc32 (Doty-Humphrey, PractRand 2014), which passes PractRand and BigCrush.
 */
export function createRandom(seed: string): Random {
  let hash = 1779033703 ^ seed.length;
  for (let i = 0; i < seed.length; i++) {
    hash = Math.imul(hash ^ seed.charCodeAt(i), 3432918353);
    hash = (hash << 13) | (hash >>> 19);
  }
  const word = () => {
    hash = Math.imul(hash ^ (hash >>> 16), 2246822507);
    hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
    hash ^= hash >>> 16;
    return hash;
  };
  let a = word();
  let b = word();
  let c = word();
  let counter = word();

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  }
  // sfc32 needs a few rounds before its words are well mixed; its author uses 12.
  for (let i = 0; i < 12; i++) next();

  const below = (count: number) => Math.floor(next() * count);

  return {
    next,
    below,
    // Box and Muller 1958.
    gaussian: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    chance: (probability) => next() < probability,
    pick: (items) => items[below(items.length)]!,
    // Fisher and Yates, in Durstenfeld's form (CACM 1964).
    shuffled(items) {
      const copy = [...items];
      for (let i = copy.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [copy[i], copy[j]] = [copy[j]!, copy[i]!];
      }
      return copy;
    },
    weighted(weights) {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      let left = next() * total;
      for (let i = 0; i < weights.length; i++) {
        left -= weights[i]!;
        if (left < 0) return i;
      }
      return Math.max(
        0,
        weights.findLastIndex((weight) => weight > 0),
      );
    },
  };
}
