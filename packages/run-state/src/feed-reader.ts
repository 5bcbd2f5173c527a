import { type Trajectory, TrajectoryBuilder } from '@kai/progress';
import { decodeProgressLine } from '@kai/progress/decode';
import { LineReader } from './line-reader.ts';
import { runPaths } from './paths.ts';
import type { Direction, RunProblem } from './run-state.ts';

/** How many gaps between iterations are remembered: what the rule for stalled runs asks for. */
const rememberedGaps = 20;

/** The feed of one run, read once: each read takes what is new and keeps what the run state needs. */
export class FeedReader {
  readonly direction: Direction;
  count = 0;
  /** Of the first record with iter 0 that has one. */
  initialScore: number | null = null;
  firstTs: number | null = null;
  lastTs: number | null = null;
  /** Seconds between the last records. */
  gaps: number[] = [];
  readonly #lines: LineReader;
  readonly #maxSamples: number | undefined;
  #builder: TrajectoryBuilder;
  #trajectory: { version: number; value: Trajectory } | null = null;

  constructor(dir: string, { direction, maxSamples }: { direction: Direction; maxSamples?: number | undefined }) {
    this.direction = direction;
    this.#maxSamples = maxSamples;
    this.#builder = this.#newBuilder();
    this.#lines = new LineReader(runPaths(dir).feed, {
      take: ({ text }) => this.#take(text),
      reset: () => this.#reset(),
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

  trajectory(): Trajectory {
    if (this.#trajectory?.version !== this.version) {
      this.#trajectory = { version: this.version, value: this.#builder.trajectory() };
    }
    return this.#trajectory.value;
  }

  close(): void {
    this.#lines.close();
  }

  #take(text: string): void {
    const record = decodeProgressLine(text, { direction: this.direction });
    this.#builder.add(record);
    this.count++;
    if (record.iter === 0) this.initialScore ??= record.score;
    if (record.ts <= 0) return;
    this.firstTs ??= record.ts;
    if (this.lastTs !== null) {
      if (this.gaps.length === rememberedGaps) this.gaps.shift();
      this.gaps.push(Math.max(0, record.ts - this.lastTs));
    }
    this.lastTs = record.ts;
  }

  #reset(): void {
    this.#builder = this.#newBuilder();
    this.count = 0;
    this.initialScore = null;
    this.firstTs = null;
    this.lastTs = null;
    this.gaps = [];
  }

  #newBuilder(): TrajectoryBuilder {
    return new TrajectoryBuilder({
      direction: this.direction,
      ...(this.#maxSamples && { maxSamples: this.#maxSamples }),
    });
  }
}
