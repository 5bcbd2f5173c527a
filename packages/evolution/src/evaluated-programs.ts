import { createHash } from 'node:crypto';

/** Remembers every program that was evaluated, by a hash of its code: some 100 bytes a program. */
export class EvaluatedPrograms {
  readonly #ids = new Map<string, string>();

  /** The id under which this code was first evaluated, if it was. */
  find(code: string): string | undefined {
    return this.#ids.get(hash(code));
  }

  add(code: string, id: string): void {
    const key = hash(code);
    if (!this.#ids.has(key)) this.#ids.set(key, id);
  }
}

function hash(code: string): string {
  return createHash('sha256').update(code).digest('base64');
}
