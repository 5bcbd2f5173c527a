import { parseJson } from '@kai/progress/jsonl';
import { LineReader } from './line-reader.ts';
import { runPaths } from './paths.ts';
import type { RunProblem } from './run-state.ts';
import { addUsage, noUsage, parseUsageRecord, type UsageTotals } from './usage.ts';

/** The totals of one run's usage.jsonl, kept up with each read. */
export class UsageReader {
  totals: UsageTotals = noUsage;
  readonly #lines: LineReader;

  constructor(dir: string) {
    this.#lines = new LineReader(runPaths(dir).usage, {
      take: ({ text }) => {
        this.totals = addUsage(this.totals, parseUsageRecord(parseJson(text)));
      },
      reset: () => {
        this.totals = noUsage;
      },
    });
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
