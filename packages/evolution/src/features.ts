import type { Program } from './program.ts';

const SIGNATURE_SIZE = 32;
const TOKEN = /[\p{L}\p{N}_$.]+|[^\s\p{L}\p{N}_$.]/gu;

/** A MinHash signature: the smallest hash of a program's token 3-grams under each of 32 hash functions. */
export type Signature = readonly number[];

/**
 * The MinHash signature of a program (Broder 1997): the share of equal entries in two signatures estimates the
 * Jaccard similarity of the two sets of token 3-grams. Layout does not count, a renamed variable does.
 */
export function signatureOf(code: string): Signature {
  const tokens = code.match(TOKEN) ?? [];
  const hashes = tokens.map(fnv1a);
  const signature = new Uint32Array(SIGNATURE_SIZE).fill(0xffffffff);
  for (let i = 0; i < Math.max(hashes.length - 2, 1); i++) {
    let gram = 0;
    for (const hash of [hashes[i] ?? 0, hashes[i + 1] ?? 0, hashes[i + 2] ?? 0]) gram = mix(gram ^ hash);
    for (let k = 0; k < SIGNATURE_SIZE; k++) {
      const value = mix(gram + Math.imul(k + 1, 0x9e3779b9)) >>> 0;
      if (value < signature[k]!) signature[k] = value;
    }
  }
  return [...signature];
}

/** Estimated Jaccard distance, 0 (same token 3-grams) to 1 (none in common). */
export function signatureDistance(a: Signature, b: Signature): number {
  let equal = 0;
  for (let k = 0; k < SIGNATURE_SIZE; k++) if (a[k] === b[k]) equal++;
  return 1 - equal / SIGNATURE_SIZE;
}

/** Mean distance to a fixed set of reference programs; 0 for an empty set. */
export function diversityOf(signature: Signature, references: readonly Signature[]): number {
  if (references.length === 0) return 0;
  return references.reduce((sum, reference) => sum + signatureDistance(signature, reference), 0) / references.length;
}

const COMPUTED = ['complexity', 'diversity', 'score'];

/** The first feature dimension that is neither computed nor among the metrics; undefined when all are there. */
export function missingFeature(metrics: Record<string, number>, dimensions: readonly string[]): string | undefined {
  return dimensions.find((dimension) => !COMPUTED.includes(dimension) && !Number.isFinite(metrics[dimension]));
}

/** A program's value on one feature dimension: `complexity` (characters), `diversity`, `score`, or any metric by name. */
export function featureOf(program: Program, dimension: string): number {
  if (dimension === 'complexity') return program.complexity;
  if (dimension === 'diversity') return program.diversity;
  if (dimension === 'score') return program.score;
  const value = program.metrics[dimension];
  if (value === undefined) throw new RangeError(`Program ${program.id} has no metric "${dimension}".`);
  return value;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** The finaliser of MurmurHash3 (Appleby). */
function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
