import type { RunManifest } from './manifest.ts';
import type { RunState, RunStatus } from './run-state.ts';

/** What a reader knows when it says what a run is doing. Times are Unix seconds. */
export interface StatusFacts {
  /** Null for a run without run.json. */
  manifest: RunManifest | null;
  /** Whether the run's process lives; null when that cannot be told (another host). */
  processAlive: boolean | null;
  now: number;
  lastIterationAt: number | null;
  /** Seconds between the last iterations, at most 20. */
  recentGaps: readonly number[];
  /** When anything in the directory last changed; null when nothing is there. */
  changedAt: number | null;
}

/** Seconds without a change after which a run without run.json counts as idle. */
export const idleAfterSeconds = 60;
/** Seconds that the clocks of two hosts may be apart, and a network disk late. */
export const heartbeatMarginSeconds = 30;
/** Seconds without an iteration before which a run is never stalled. */
export const stalledAfterSeconds = 60;

/** What the run is doing; the table in docs/run-directory.md. */
export function statusOf(facts: StatusFacts): RunStatus {
  const { manifest } = facts;
  if (manifest === null) return isUnchanged(facts) ? 'idle' : 'running';
  if (manifest.status !== 'running' && manifest.status !== 'waiting') return manifest.status;
  if (!isAlive(manifest, facts)) return 'interrupted';
  if (manifest.status === 'waiting') return 'waiting';
  return isStalled(manifest, facts) ? 'stalled' : 'running';
}

/** Whether the run goes on: running, waiting or stalled. */
export function isActive({ status }: Pick<RunState, 'status'>): boolean {
  return status === 'running' || status === 'waiting' || status === 'stalled';
}

function isAlive(manifest: RunManifest, facts: StatusFacts): boolean {
  if (facts.processAlive !== null) return facts.processAlive;
  return manifest.nextHeartbeatBy === null ? !isUnchanged(facts) : isHeartbeatKept(manifest, facts);
}

function isUnchanged({ changedAt, now }: StatusFacts): boolean {
  return changedAt === null || now - changedAt > idleAfterSeconds;
}

function isHeartbeatKept({ nextHeartbeatBy }: RunManifest, { now }: StatusFacts): boolean {
  return nextHeartbeatBy === null || now <= nextHeartbeatBy + heartbeatMarginSeconds;
}

function isStalled(manifest: RunManifest, facts: StatusFacts): boolean {
  const { now, lastIterationAt, recentGaps } = facts;
  const limit = Math.max(stalledAfterSeconds, 10 * median(recentGaps));
  // A resumed run starts its quiet time anew: its last iteration may be days old.
  const quietSince = Math.max(lastIterationAt ?? 0, manifest.startedAt ?? 0, manifest.processStartedAt ?? 0);
  // Another writer may say nothing about time: then the quiet cannot be told.
  if (quietSince === 0 || now - quietSince <= limit) return false;
  // A proposal or an evaluation has a time limit of its own, so it explains any quiet, as long as the process still
  // writes its heartbeat (a suspended one does not). A wait for a turn explains only as much as an iteration would.
  const explains = manifest.inFlight.some(({ phase, since }) => phase !== 'waiting' || now - since <= limit);
  return !(explains && isHeartbeatKept(manifest, facts));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
