import { parseJson } from '@kai/progress/jsonl';
import { LineReader } from './line-reader.ts';
import { runPaths } from './paths.ts';
import type { RunProblem } from './run-state.ts';
import { parseUsageRecord, UsageCounter, type UsageTotals } from './usage.ts';

/** The totals of one run's usage.jsonl, kept up with each read. */
export class UsageReader {
  #counter = new UsageCounter();
  readonly #lines: LineReader;

  constructor(dir: string) {
    this.#lines = new LineReader(runPaths(dir).usage, {
      take: ({ text }) => {
        this.#counter.add(parseUsageRecord(parseJson(text)));
      },
      reset: () => {
        this.#counter = new UsageCounter();
      },
    });
  }

  totals(): UsageTotals {
    return this.#counter.totals();
  }

  get problems(): readonly RunProblem[] {
    return this.#lines.problems.all;
  }

  read(signal?: AbortSignal): Promise<void> {
    return this.#lines.read(signal);
  }

  close(): void {
    this.#lines.close();
  }
}
