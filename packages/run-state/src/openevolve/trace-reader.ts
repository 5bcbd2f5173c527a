import { join } from 'node:path';
import { parseJson } from '@kai/progress/jsonl';
import { LineReader } from '../line-reader.ts';
import type { RunProblem } from '../run-state.ts';
import { parseTraceRecord } from './trace-format.ts';

/** What is kept of one line of the trace: all but its texts, which stay in the file. */
export interface TraceEntry {
  iter: number;
  parentId: string | null;
  timestamp: number;
  island: number | null;
  metrics: Record<string, unknown>;
  artifacts: Record<string, string>;
  byteOffset: number;
  byteLength: number;
}

export const traceName = 'evolution_trace.jsonl';

/** The lines of `evolution_trace.jsonl` by the id of their child, kept up with each read. */
export class TraceReader {
  readonly entries = new Map<string, TraceEntry>();
  readonly #lines: LineReader;

  constructor(dir: string) {
    this.#lines = new LineReader(join(dir, traceName), {
      take: ({ text, byteOffset, byteLength }) => {
        const { childId, iteration, parentId, timestamp, islandId, childMetrics, artifacts } = parseTraceRecord(
          parseJson(text),
        );
        const entry = { iter: iteration, parentId, timestamp, island: islandId, metrics: childMetrics, artifacts };
        this.entries.set(childId, { ...entry, byteOffset, byteLength });
      },
      reset: () => this.entries.clear(),
    });
  }

  get version(): number {
    return this.#lines.version;
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
