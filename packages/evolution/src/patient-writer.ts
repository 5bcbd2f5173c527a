import { JsonlWriter } from '@kai/progress/jsonl';

/**
 * A JSON-lines file whose lines must not be lost: what cannot be written now is kept and written, in order, before the
 * next line. Never throws; `onProblem` hears the first failure of each row of failures.
 */
export class PatientWriter {
  readonly #writer: JsonlWriter;
  readonly #onProblem: (error: Error) => void;
  #pending: unknown[] = [];

  constructor(path: string, onProblem: (error: Error) => void) {
    this.#writer = new JsonlWriter(path);
    this.#onProblem = onProblem;
  }

  /** How many lines wait to be written. */
  get pending(): number {
    return this.#pending.length;
  }

  append(value: unknown): void {
    const failing = this.#pending.length > 0;
    this.#pending.push(value);
    this.#flush({ failing });
  }

  /** Tries what is pending once more, then closes the file. */
  close(): void {
    this.#flush({ failing: true });
    this.#writer.close();
  }

  #flush({ failing }: { failing: boolean }): void {
    try {
      let written = 0;
      try {
        for (const line of this.#pending) {
          this.#writer.append(line);
          written++;
        }
      } finally {
        this.#pending = this.#pending.slice(written);
      }
    } catch (error) {
      if (!failing) this.#onProblem(error as Error);
    }
  }
}
