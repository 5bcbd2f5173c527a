import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/** Compares a picture with `snapshots/<name>.svg`, a file that opens in a browser; `vitest -u` writes it anew. */
export async function expectPicture(name: string, svg: string): Promise<void> {
  expectWellFormed(svg);
  await expect(svg).toMatchFileSnapshot(fileURLToPath(new URL(`./snapshots/${name}.svg`, import.meta.url)));
}

/**
 * Fails unless the text is well-formed XML of the kind that charts are made of: one root, nested tags, each attribute once
 * and in double quotes, only the five predefined entities (`'` as `&#39;`), no character that XML 1.0 forbids. Also fails
 * on a number that went wrong.
 */
export function expectWellFormed(svg: string): void {
  expect(svg).not.toMatch(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  expect(svg).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;)/);
  expect(svg.replace(/<(title|desc|text)\b[^>]*>[^<]*/g, '<$1>')).not.toMatch(/NaN|undefined|Infinity|null/);
  const open: string[] = [];
  let position = 0;
  const token = /<(\/?)([a-z]+)((?: [a-zA-Z][\w-]*="[^"<]*")*)(\/?)>|[^<>]+/gy;
  for (let match = token.exec(svg); match; match = token.exec(svg)) {
    const [, closing, name, attributes = '', empty] = match;
    if (name === undefined || (open.length === 0 && position > 0))
      expect(open, 'text outside the root').not.toHaveLength(0);
    if (closing) expect(open.pop(), `</${name}>`).toBe(name);
    else if (name && !empty) open.push(name);
    const names = [...attributes.matchAll(/ ([\w-]+)="/g)].map((attribute) => attribute[1]);
    expect(new Set(names).size, `an attribute twice in <${name}>`).toBe(names.length);
    position = token.lastIndex;
  }
  expect(svg.slice(position, position + 60), 'not well-formed from here').toBe('');
  expect(open, 'never closed').toEqual([]);
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
