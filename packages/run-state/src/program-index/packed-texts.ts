import { grown } from './grown.ts';

/**
 * Different texts, numbered from 0 in the order in which they were added, without an object per text: their UTF-8 bytes in
 * one array, where each ends in another, and a hash table of their numbers (open addressing, linear probing, at most half
 * full). About 16 bytes a text beside its own.
 */
export class PackedTexts {
  #bytes: Uint8Array = new Uint8Array(1024);
  #ends: Uint32Array = new Uint32Array(64);
  /** Number + 1; 0 is free. A power of two of them. */
  #slots = new Uint32Array(128);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Bytes that the arrays take. */
  get byteLength(): number {
    return this.#bytes.byteLength + this.#ends.byteLength + this.#slots.byteLength;
  }

  /** The text's number, a new one where it is not there yet. */
  add(text: string): number {
    const bytes = Buffer.from(text);
    const slot = this.#slotOf(bytes);
    const known = this.#slots[slot]!;
    if (known !== 0) return known - 1;
    const number = this.#size++;
    const start = this.#startOf(number);
    this.#bytes = grown(this.#bytes, start + bytes.length);
    this.#bytes.set(bytes, start);
    this.#ends = grown(this.#ends, this.#size);
    this.#ends[number] = start + bytes.length;
    this.#slots[slot] = number + 1;
    if (2 * this.#size > this.#slots.length) this.#rehash();
    return number;
  }

  /** The text's number; -1 when it is not there. */
  find(text: string): number {
    return this.#slots[this.#slotOf(Buffer.from(text))]! - 1;
  }

  at(number: number): string {
    return Buffer.from(this.#bytesOf(number)).toString('utf8');
  }

  #startOf(number: number): number {
    return number === 0 ? 0 : this.#ends[number - 1]!;
  }

  #bytesOf(number: number): Uint8Array {
    return this.#bytes.subarray(this.#startOf(number), this.#ends[number]);
  }

  /** The slot of the text, or the free one where it would stand. */
  #slotOf(bytes: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(bytes) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const taken = this.#slots[slot]!;
      if (taken === 0 || this.#isText(taken - 1, bytes)) return slot;
    }
  }

  #isText(number: number, bytes: Uint8Array): boolean {
    const start = this.#startOf(number);
    if (this.#ends[number]! - start !== bytes.length) return false;
    for (let at = 0; at < bytes.length; at++) if (this.#bytes[start + at] !== bytes[at]) return false;
    return true;
  }

  #rehash(): void {
    const slots = new Uint32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      let slot = hashOf(this.#bytesOf(number)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < bytes.length; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  // Its low bits alone choose the slot: let the high ones count too.
  return (hash ^ (hash >>> 15)) >>> 0;
}
