/**
 * Keeps the beginning and the end of a stream in bounded memory, for a program may print without end.
 *
 * The first half of `maxBytes` is kept as it comes, the second half slides: an error is mostly in the last lines.
 */
export class CapturedOutput {
  readonly #halfBytes: number;
  #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #droppedBytes = 0;

  constructor(maxBytes: number) {
    this.#halfBytes = Math.ceil(maxBytes / 2);
  }

  add(chunk: Buffer): void {
    const room = this.#halfBytes - this.#headBytes;
    const head = chunk.subarray(0, room);
    if (head.length > 0) {
      this.#head.push(head);
      this.#headBytes += head.length;
    }
    if (chunk.length > room) this.#addTail(chunk.subarray(room));
  }

  #addTail(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    while (this.#tailBytes > this.#halfBytes) {
      const first = this.#tail[0] as Buffer;
      const excess = Math.min(this.#tailBytes - this.#halfBytes, first.length);
      if (excess === first.length) this.#tail.shift();
      else this.#tail[0] = first.subarray(excess);
      this.#tailBytes -= excess;
      this.#droppedBytes += excess;
    }
  }

  /** Forgets everything so far. */
  reset(): void {
    this.#head = [];
    this.#headBytes = 0;
    this.#tail = [];
    this.#tailBytes = 0;
    this.#droppedBytes = 0;
  }

  /** What was kept; where bytes are missing, a line in their place says how many. Empty when nothing came. */
  text(): string {
    if (this.#droppedBytes === 0) return Buffer.concat([...this.#head, ...this.#tail]).toString('utf8');
    const head = Buffer.concat(this.#head).toString('utf8');
    const tail = Buffer.concat(this.#tail).toString('utf8');
    return `${head}\n[… truncated: ${this.#droppedBytes} bytes left out here …]\n${tail}`;
  }
}
