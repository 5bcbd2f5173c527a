import { progressTrajectory, type Trajectory } from '@kai/progress';
import type { Direction, RunProblem } from '../run-state.ts';
import { CheckpointUnion } from './checkpoint-union.ts';
import { LogReader } from './log-reader.ts';
import { type Measurement, measurementsOf } from './measurements.ts';
import { TraceReader } from './trace-reader.ts';

/** What a folder without a feed tells of its run. */
export interface OpenEvolveView {
  trajectory: Trajectory;
  initialScore: number | null;
  firstTs: number | null;
  lastTs: number | null;
  maxIterations: number | null;
  stopReason: string | null;
}

export interface OpenEvolveReadOptions {
  direction: Direction;
  /** Unix seconds. */
  now: number;
  signal?: AbortSignal | undefined;
}

/** Reads the run in one folder from its checkpoints, its trace and its logs, again and again; each time only what is new. */
export class OpenEvolveReader {
  readonly #checkpoints: CheckpointUnion;
  readonly #trace: TraceReader;
  readonly #log: LogReader;
  readonly #maxSamples: number | undefined;
  #view: { key: string; value: OpenEvolveView | null } | null = null;
  #measurements: { version: number; value: Measurement[] } | null = null;

  constructor(dir: string, { maxSamples }: { maxSamples?: number | undefined } = {}) {
    this.#checkpoints = new CheckpointUnion(dir);
    this.#trace = new TraceReader(dir);
    this.#log = new LogReader(dir);
    this.#maxSamples = maxSamples;
  }

  /** Grows whenever a read found anything new. */
  get version(): number {
    return this.#checkpoints.version + this.#trace.version + this.#log.version;
  }

  get problems(): RunProblem[] {
    return [...this.#checkpoints.problems, ...this.#trace.problems, ...this.#log.problems];
  }

  /** When a log last changed: Unix seconds; null when there is none. */
  get logChangedAt(): number | null {
    return this.#log.changedAt;
  }

  /** Null when nothing that tells of a run is there. Never rejects for what is in the folder. */
  async read({ direction, now, signal }: OpenEvolveReadOptions): Promise<OpenEvolveView | null> {
    await this.#checkpoints.read(now);
    await this.#trace.read(signal);
    await this.#log.read(signal);
    const key = `${direction} ${this.version}`;
    if (this.#view?.key !== key) this.#view = { key, value: this.#makeView(direction) };
    return this.#view.value;
  }

  /** What the last read found, by iteration. */
  measurements(): Measurement[] {
    if (this.#measurements?.version !== this.version) {
      const log = this.#log.view();
      const dimensions = new Set([...Object.keys(this.#checkpoints.metadata?.featureStats ?? {}), ...log.dimensions]);
      const sources = { checkpoints: this.#checkpoints.entries, trace: this.#trace.entries, log, dimensions };
      this.#measurements = { version: this.version, value: measurementsOf(sources) };
    }
    return this.#measurements.value;
  }

  close(): void {
    this.#trace.close();
    this.#log.close();
  }

  #makeView(direction: Direction): OpenEvolveView | null {
    const measured = this.measurements().filter(({ copyOf }) => copyOf === null);
    const { lastStep } = this.#checkpoints;
    const { records, lastIteration, ended } = this.#log.view();
    if (measured.length === 0 && lastStep === null) return null;
    const trajectory = progressTrajectory(
      measured.map(({ iter, score, id, ts }) => ({ iter, score, best: null, programId: id, model: null, ts })),
      { direction, ...(this.#maxSamples && { maxSamples: this.#maxSamples }) },
    );
    // A final checkpoint may be named after the iteration that was asked for. Only the log tells how far the run came.
    const isLogged = records.length > 0;
    const iteration = isLogged ? trajectory.iteration : Math.max(trajectory.iteration, lastStep ?? 0);
    const times = measured.map(({ ts }) => ts).filter((ts) => ts > 0);
    return {
      trajectory: { ...trajectory, iteration },
      initialScore: measured.find(isInitial)?.score ?? null,
      firstTs: times.reduce<number | null>((least, ts) => (least === null || ts < least ? ts : least), null),
      lastTs: times.reduce<number | null>((most, ts) => (most === null || ts > most ? ts : most), null),
      maxIterations: lastIteration,
      stopReason: stopReasonOf(ended, lastIteration !== null && iteration >= lastIteration),
    };
  }
}

function isInitial({ id, iter, checkpoint, trace, log }: Measurement): boolean {
  return iter === 0 && id !== null && (checkpoint ?? trace ?? log)?.parentId === null;
}

/** In kai's words. OpenEvolve also says "Maximum iterations reached" when its workers died long before. */
function stopReasonOf(ended: string | null, isComplete: boolean): string | null {
  if (ended === null) return null;
  if (/early stopping/i.test(ended)) return 'early_stopping';
  if (/target/i.test(ended)) return 'target_score';
  if (/shutdown/i.test(ended)) return 'user';
  if (/max_(llm_calls|total_provider_tokens)/i.test(ended)) return 'budget';
  return /maximum iterations/i.test(ended) && isComplete ? 'max_iterations' : null;
}
