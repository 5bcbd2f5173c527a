import type { RunManifest } from './manifest.ts';
import type { RunState, RunStatus, StatusReason } from './run-state.ts';
import type { Seen } from './steady-watch.ts';

/** What a reader knows when it says what a run is doing. Times are Unix seconds. */
export interface StatusFacts {
  /** Null for a run without run.json. */
  manifest: RunManifest | null;
  /** Whether the run's process lives; null when that cannot be told (another host). */
  processAlive: boolean | null;
  /** Whether the process is there but stopped by a signal. Default false. */
  processSuspended?: boolean;
  now: number;
  lastIterationAt: number | null;
  /** Seconds between the last iterations, at most 20. */
  recentGaps: readonly number[];
  /** When anything in the directory last changed; null when nothing is there. */
  changedAt: number | null;
  /** When run.json was written, by its file's time; null or absent when not known. */
  manifestChangedAt?: number | null;
  /** What this reader itself saw of the heartbeat; absent when it looks for the first time. */
  heartbeatSeen?: Seen | undefined;
  /** What this reader itself saw of the feed; absent when it looks for the first time. */
  iterationSeen?: Seen | undefined;
}

/** Seconds without a change after which a run without run.json counts as idle. */
export const idleAfterSeconds = 60;
/** Seconds that the clocks of two hosts may be apart, and a network disk late. */
export const heartbeatMarginSeconds = 30;
/** Seconds without an iteration before which a run is never stalled. */
export const stalledAfterSeconds = 60;

/** What the run is doing; the table in docs/run-directory.md. */
export function statusOf(facts: StatusFacts): RunStatus {
  return explainStatus(facts).status;
}

/** What the run is doing, and what shows it where that is not run.json itself. */
export function explainStatus(facts: StatusFacts): { status: RunStatus; reason: StatusReason | null } {
  const { manifest, processAlive, processSuspended = false } = facts;
  if (manifest === null) {
    return isUnchanged(facts) ? { status: 'idle', reason: 'unchanged' } : { status: 'running', reason: null };
  }
  if (manifest.status !== 'running' && manifest.status !== 'waiting') return { status: manifest.status, reason: null };
  if (processAlive === false) return { status: 'interrupted', reason: 'process_gone' };
  if (processAlive === null && !seemsAlive(manifest, facts)) {
    return { status: 'interrupted', reason: manifest.nextHeartbeatBy === null ? 'unchanged' : 'heartbeat_overdue' };
  }
  if (processSuspended) return { status: 'stalled', reason: 'suspended' };
  if (manifest.status === 'waiting') return { status: 'waiting', reason: null };
  return isStalled(manifest, facts)
    ? { status: 'stalled', reason: 'no_iteration' }
    : { status: 'running', reason: null };
}

/** Whether the run goes on: running, waiting or stalled. */
export function isActive({ status }: Pick<RunState, 'status'>): boolean {
  return status === 'running' || status === 'waiting' || status === 'stalled';
}

/** Of a process that cannot be looked at. */
function seemsAlive(manifest: RunManifest, facts: StatusFacts): boolean {
  return manifest.nextHeartbeatBy === null ? !isUnchanged(facts) : isHeartbeatKept(manifest, facts);
}

function isUnchanged({ changedAt, now }: StatusFacts): boolean {
  return changedAt === null || now - changedAt > idleAfterSeconds;
}

/**
 * Whether the process still writes. What this reader saw by its own steady clock comes before what two wall clocks say, and
 * where the writer's clock is behind, the file's own time may show that it writes.
 */
export function isHeartbeatKept(
  { heartbeatAt, nextHeartbeatBy }: Pick<RunManifest, 'heartbeatAt' | 'nextHeartbeatBy'>,
  { now, heartbeatSeen, manifestChangedAt = null }: Pick<StatusFacts, 'now' | 'heartbeatSeen' | 'manifestChangedAt'>,
): boolean {
  if (nextHeartbeatBy === null) return true;
  const allowed = Math.max(0, nextHeartbeatBy - (heartbeatAt ?? nextHeartbeatBy)) + heartbeatMarginSeconds;
  if (heartbeatSeen !== undefined && heartbeatSeen.seconds > allowed) return false;
  if (heartbeatSeen?.isChange || now <= nextHeartbeatBy + heartbeatMarginSeconds) return true;
  return manifestChangedAt !== null && Math.abs(now - manifestChangedAt) <= allowed;
}

function isStalled(manifest: RunManifest, facts: StatusFacts): boolean {
  const { recentGaps } = facts;
  const now = writersNow(manifest, facts);
  const limit = Math.max(stalledAfterSeconds, 10 * median(recentGaps));
  if (quietSeconds(manifest, { ...facts, now }) <= limit) return false;
  // A proposal or an evaluation has a time limit of its own, so it explains any quiet, as long as the process still
  // writes its heartbeat (a suspended one does not). A wait for a turn explains only as much as an iteration would.
  const explains = manifest.inFlight.some(({ phase, since }) => phase !== 'waiting' || now - since <= limit);
  return !(explains && isHeartbeatKept(manifest, facts));
}

/** The time by the clock that the run's own times come from: of another host it may be set wrong, and its file shows by how much. */
function writersNow(
  { heartbeatAt }: RunManifest,
  { now, processAlive, manifestChangedAt = null }: StatusFacts,
): number {
  if (processAlive !== null || heartbeatAt === null || manifestChangedAt === null) return now;
  const offset = heartbeatAt - manifestChangedAt;
  return Math.abs(offset) > heartbeatMarginSeconds ? now + offset : now;
}

/** Seconds without an iteration; 0 where they cannot be told. */
function quietSeconds(manifest: RunManifest, { now, lastIterationAt, iterationSeen }: StatusFacts): number {
  if (iterationSeen?.isChange) return iterationSeen.seconds;
  // A resumed run starts its quiet time anew: its last iteration may be days old.
  const since = Math.max(lastIterationAt ?? 0, manifest.startedAt ?? 0, manifest.processStartedAt ?? 0);
  // Another writer may say nothing about time.
  return since === 0 ? 0 : now - since;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
