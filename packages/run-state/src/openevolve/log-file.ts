import { type JsonlLine, JsonlTail } from '@kai/progress/jsonl';
import { type LogEvent, parseLogLine, parseLogMetrics } from './log-line.ts';

/** One completed iteration, as the log tells it. `ts` is Unix seconds. */
export interface LogRecord {
  /** Null when the iteration failed before it had a program. */
  id: string | null;
  iter: number;
  parentId: string | null;
  /** Of the whole iteration: proposal and evaluation. */
  seconds: number | null;
  /** Numbers to four decimals; see `parseLogMetrics`. */
  metrics: Record<string, number | string>;
  /** Null when the log does not say. */
  island: number | null;
  ts: number;
  /** Why there is no program; null when there is one. */
  error: string | null;
}

/**
 * One log file, read once: each read takes the new lines.
 *
 * OpenEvolve starts a new file at every start. An iteration whose metrics stand in a line of their own counts once that line
 * is there, so that a log that is being written never shows a score that is about to change.
 */
export class LogFile {
  /** In order of completion, of the search that was started last in this file. */
  records: LogRecord[] = [];
  /** Ids of searches that were given up for a new one in this same file. */
  abandoned = new Set<string>();
  /** Whether a search was started here, and not one of an earlier file resumed. */
  startsFresh = false;
  lastIteration: number | null = null;
  /** OpenEvolve's words for why it ended; null when it did not say. */
  ended: string | null = null;
  dimensions = new Set<string>();
  /** Grows whenever a read found what changes any of the above. */
  version = 0;
  readonly #tail: JsonlTail;
  #pending: LogRecord | null = null;
  #awaitsInitial = false;
  #island: number | null = null;
  #isMigrating = false;

  constructor(path: string) {
    this.#tail = new JsonlTail(path);
  }

  /** @throws ProgressError when the file cannot be read */
  read(signal?: AbortSignal): Promise<void> {
    return this.#tail.read({
      ...(signal && { signal }),
      onLine: (line) => this.#take(line),
      onReset: () => this.#reset(),
    });
  }

  close(): void {
    this.#tail.close();
  }

  #take({ text }: JsonlLine): void {
    const line = parseLogLine(text);
    if (line !== null) this.#apply(line.event, line.ts);
  }

  #apply(event: LogEvent, ts: number): void {
    switch (event.kind) {
      case 'fresh-start':
        for (const { id } of this.records) if (id !== null) this.abandoned.add(id);
        this.#startOver();
        this.version++;
        this.startsFresh = true;
        this.#awaitsInitial = true;
        return;
      case 'evaluated':
        // Workers write this line for every program; before the search has begun it can only be the initial one.
        if (!this.#awaitsInitial) return;
        this.#awaitsInitial = false;
        this.#add({ ...event, iter: 0, parentId: null, metrics: parseLogMetrics(event.metrics), ts });
        return;
      case 'plan':
        this.#awaitsInitial = false;
        // The initial program's cell comes after its line.
        if (this.records.at(-1)?.iter === 0) this.records.at(-1)!.island ??= this.#island;
        this.#island = null;
        this.version++;
        this.lastIteration = event.lastIteration;
        this.ended = null;
        return;
      case 'cell':
        for (const name of event.dimensions) this.#addDimension(name);
        // Cells of migrants come between the child's and its line.
        if (!this.#isMigrating) this.#island ??= event.island;
        return;
      case 'migration':
        this.#isMigrating = true;
        return;
      case 'iteration':
        this.#flush();
        if (event.metrics === null) this.#pending = this.#record({ ...event, metrics: {}, ts });
        else this.#add({ ...event, metrics: parseLogMetrics(event.metrics), ts });
        return;
      case 'metrics':
        if (this.#pending !== null) this.#pending.metrics = parseLogMetrics(event.metrics);
        this.#flush();
        return;
      case 'failed':
        this.#flush();
        this.#add({ iter: event.iter, id: null, parentId: null, seconds: null, metrics: {}, ts, error: event.message });
        return;
      case 'ended':
        this.#flush();
        this.version++;
        this.ended = event.reason;
        return;
    }
  }

  /** A program without any metrics has no line of them. */
  #flush(): void {
    if (this.#pending !== null) this.#push(this.#pending);
    this.#pending = null;
  }

  #add(record: Omit<LogRecord, 'island' | 'error'> & { error?: string }): void {
    this.#push(this.#record(record));
  }

  #push(record: LogRecord): void {
    this.version++;
    this.records.push(record);
  }

  #addDimension(name: string): void {
    if (this.dimensions.has(name)) return;
    this.version++;
    this.dimensions.add(name);
  }

  #record({
    iter,
    id,
    parentId,
    seconds,
    metrics,
    ts,
    error,
  }: Omit<LogRecord, 'island' | 'error'> & { error?: string }) {
    const island = error === undefined ? this.#island : null;
    this.#island = null;
    this.#isMigrating = false;
    return { iter, id, parentId, seconds, metrics, ts, island, error: error ?? null };
  }

  #startOver(): void {
    this.records = [];
    this.#pending = null;
    this.#island = null;
    this.#isMigrating = false;
    this.lastIteration = null;
    this.ended = null;
  }

  #reset(): void {
    this.version++;
    this.#startOver();
    this.abandoned = new Set();
    this.startsFresh = false;
    this.dimensions = new Set();
    this.#awaitsInitial = false;
  }
}
