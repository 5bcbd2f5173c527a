import type { CheckpointEntry } from './checkpoint-union.ts';
import type { LogRecord } from './log-file.ts';
import type { LogView } from './log-reader.ts';
import { outcomeOf } from './outcome.ts';
import type { TraceEntry } from './trace-reader.ts';

/** One program, or one iteration that failed before it had one, with what each source says of it. */
export interface Measurement {
  /** Null when the iteration gave no program. */
  id: string | null;
  iter: number;
  /** Unix seconds; 0 when unknown. */
  ts: number;
  score: number | null;
  error: { kind: string; message: string } | null;
  /** The program that migration copied this one from: a copy is no new measurement. */
  copyOf: string | null;
  checkpoint: CheckpointEntry | null;
  trace: TraceEntry | null;
  log: LogRecord | null;
}

export interface Sources {
  checkpoints: ReadonlyMap<string, CheckpointEntry>;
  trace: ReadonlyMap<string, TraceEntry>;
  log: LogView;
  /** Feature dimensions: they are no part of a score. */
  dimensions: ReadonlySet<string>;
}

/**
 * The union of what the checkpoints, the trace and the logs of one run say, by iteration. Of one program the checkpoint's
 * record wins over the trace's, and that over the log's, which has four decimals.
 *
 * What belongs to a search that was given up for a new one in the same folder is left out.
 */
export function measurementsOf(sources: Sources): Measurement[] {
  const { checkpoints, trace, log } = sources;
  const logged = new Map(log.records.flatMap((record) => (record.id === null ? [] : [[record.id, record] as const])));
  const measurements: Measurement[] = [];
  for (const id of new Set([...checkpoints.keys(), ...trace.keys(), ...logged.keys()])) {
    if (log.abandoned.has(id)) continue;
    const measurement = measure(id, logged.get(id) ?? null, sources);
    if (measurement.copyOf !== null && log.abandoned.has(originalOf(measurement.copyOf, checkpoints))) continue;
    measurements.push(measurement);
  }
  for (const record of log.records) {
    if (record.id !== null) continue;
    const error = { kind: 'iteration', message: record.error ?? '' };
    const { iter, ts } = record;
    measurements.push({
      id: null,
      iter,
      ts,
      score: null,
      error,
      copyOf: null,
      checkpoint: null,
      trace: null,
      log: record,
    });
  }
  return measurements.sort((a, b) => a.iter - b.iter || a.ts - b.ts || compare(a.id ?? '', b.id ?? ''));
}

function measure(id: string, log: LogRecord | null, { checkpoints, trace, dimensions }: Sources): Measurement {
  const checkpoint = checkpoints.get(id) ?? null;
  const traced = trace.get(id) ?? null;
  // best_program_info.json has no artifacts, which may hold the reason of a failure; its metrics are the program's.
  const told = [checkpoint, traced, log].filter((source) => source !== null);
  const metrics = told[0]?.metrics ?? {};
  const artifacts = { ...traced?.artifacts, ...checkpoint?.artifacts };
  const outcome = outcomeOf(metrics, { dimensions, artifacts });
  const known = checkpoint?.score;
  return {
    id,
    iter: iterationOf(checkpoint, traced, log),
    ts: checkpoint?.timestamp || traced?.timestamp || log?.ts || 0,
    score: known === undefined ? outcome.score : known,
    error: known === undefined || known === null ? outcome.error : null,
    copyOf: checkpoint !== null && isCopy(checkpoint, traced, log, checkpoints) ? copiedFrom(checkpoint) : null,
    checkpoint,
    trace: traced,
    log,
  };
}

function iterationOf(checkpoint: CheckpointEntry | null, trace: TraceEntry | null, log: LogRecord | null): number {
  const told = checkpoint?.iterationFound ?? trace?.iter ?? log?.iter;
  if (told !== undefined && told !== null) return told;
  // The oldest versions did not keep it: found at the latest when the first checkpoint that holds it was written.
  return checkpoint === null || checkpoint.parentId === null ? 0 : checkpoint.firstStep;
}

/**
 * Whether migration made the program: it says so, or it stands at iteration 0 with a parent. A search over an older
 * database has real programs there too; those have another code than their parent, or a line of their own.
 */
function isCopy(
  { isMigrant, iterationFound, parentId, codeHash }: CheckpointEntry,
  trace: TraceEntry | null,
  log: LogRecord | null,
  checkpoints: ReadonlyMap<string, CheckpointEntry>,
): boolean {
  if (isMigrant) return true;
  if (iterationFound !== 0 || parentId === null || trace !== null || log !== null) return false;
  const parentHash = checkpoints.get(parentId)?.codeHash ?? null;
  return parentHash === null || codeHash === null || parentHash === codeHash;
}

/** kai's copies and those of older versions are named after the original. */
function copiedFrom({ id, parentId }: CheckpointEntry): string {
  const mark = /~|_migrant_/.exec(id);
  return mark === null ? (parentId ?? id) : id.slice(0, mark.index);
}

function originalOf(id: string, checkpoints: ReadonlyMap<string, CheckpointEntry>): string {
  const seen = new Set<string>();
  for (let at = id; !seen.has(at); ) {
    const entry = checkpoints.get(at);
    if (entry === undefined || !entry.isMigrant || entry.parentId === null) return at;
    seen.add(at);
    at = entry.parentId;
  }
  return id;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
