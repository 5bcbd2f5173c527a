import { decodeProgressLine } from './decode.ts';
import type { ProgressProblem } from './feed.ts';
import type { JsonlLine } from './jsonl-tail.ts';
import { ProgressError } from './progress-error.ts';
import type { Direction, ProgressRecord } from './record.ts';

/** Lines in file order to records. */
export class FeedDecoder {
  readonly #direction: Direction | undefined;
  readonly #onProblem: ((problem: ProgressProblem) => void) | undefined;
  #best: number | null = null;

  constructor(direction?: Direction, onProblem?: (problem: ProgressProblem) => void) {
    this.#direction = direction;
    this.#onProblem = onProblem;
  }

  decode({ text, line, byteOffset }: JsonlLine): ProgressRecord | null {
    try {
      const record = decodeProgressLine(text, { previousBest: this.#best, direction: this.#direction });
      this.#best = record.best ?? this.#best;
      return record;
    } catch (error) {
      if (!(error instanceof ProgressError)) throw error;
      this.#onProblem?.({ line, byteOffset, reason: error.message });
      return null;
    }
  }

  reset(): void {
    this.#best = null;
  }
}
