import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** Compares a picture with `snapshots/<name>.svg`, a file that opens in a browser; `vitest -u` writes it anew. */
export async function expectPicture(name: string, svg: string): Promise<void> {
  await expect(svg).toMatchFileSnapshot(fileURLToPath(new URL(`./snapshots/${name}.svg`, import.meta.url)));
}

/** A small generator of random numbers in [0, 1) whose sequence never changes (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
