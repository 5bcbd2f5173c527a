import { z } from 'zod';
import { reasonOf } from './errors.ts';
import {
  countOr,
  countOrNull,
  isFiniteNumber,
  isObject,
  lenient,
  numberOrNull,
  text,
  textOrNull,
  wordOf,
} from './fields.ts';
import { runPaths } from './paths.ts';
import { publishOnce } from './publish-once.ts';
import { readJson } from './read-json.ts';
import { recordFormat } from './record-format.ts';
import { replaceFile } from './replace-file.ts';
import type { Direction, InFlight, RunProblem } from './run-state.ts';

/** What the run's own process says it is doing. `RunStatus` adds what only a reader can tell. */
export type ManifestStatus = 'running' | 'waiting' | 'finished' | 'stopped' | 'failed';

/** run.json. Times are Unix seconds. */
export interface RunManifest {
  /** Of the format of the run directory: 1. */
  version: number;
  status: ManifestStatus;
  stopReason: string | null;
  error: string | null;
  label: string;
  idx: number;
  seed: number | null;
  /** Highest completed iteration. */
  iteration: number;
  maxIterations: number | null;
  direction: Direction;
  evaluatorSha256: string | null;
  pid: number | null;
  host: string | null;
  /** When the process `pid` started: tells it from a later process with the same pid. */
  processStartedAt: number | null;
  /** The same in hundredths of a second since boot, which setting the clock does not change; null where that is not known. */
  processStartTicks: number | null;
  /** Of the system that the process runs on, see `SystemMark`. */
  bootId: string | null;
  pidNamespace: string | null;
  startedAt: number | null;
  heartbeatAt: number | null;
  /** By when the process promised to write again. */
  nextHeartbeatBy: number | null;
  endedAt: number | null;
  inFlight: InFlight[];
  workers: number | null;
}

/** The version of the run directory's format that this package writes. */
export const manifestVersion = 1;

const statuses = ['running', 'waiting', 'finished', 'stopped', 'failed'] as const;
const phases = ['proposing', 'waiting', 'evaluating'] as const;

const inFlight = lenient(
  z.array(z.object({ slot: z.int().min(0), iter: z.int().min(0), phase: z.enum(phases), since: z.number() })),
  (value) => (Array.isArray(value) ? value.flatMap(readSlot) : []),
);

function readSlot(value: unknown): InFlight[] {
  if (!isObject(value)) return [];
  const { slot, iter, since } = value;
  const phase = phases.find((word) => word === value.phase);
  if (!isCount(slot) || !isCount(iter) || !isFiniteNumber(since) || phase === undefined) return [];
  return [{ slot, iter, phase, since }];
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

const format = recordFormat(
  'run.json',
  z.object({
    version: countOr(manifestVersion),
    status: wordOf(statuses),
    stopReason: textOrNull,
    error: textOrNull,
    label: text,
    idx: countOr(0),
    seed: numberOrNull,
    iteration: countOr(0),
    maxIterations: countOrNull,
    direction: wordOf(['maximize', 'minimize']),
    evaluatorSha256: textOrNull,
    pid: countOrNull,
    host: textOrNull,
    processStartedAt: numberOrNull,
    processStartTicks: countOrNull,
    bootId: textOrNull,
    pidNamespace: textOrNull,
    startedAt: numberOrNull,
    heartbeatAt: numberOrNull,
    nextHeartbeatBy: numberOrNull,
    endedAt: numberOrNull,
    inFlight,
    workers: countOrNull,
  }),
);

/** The manifest as the object that stands in run.json. @throws RunStateError `format` */
export const encodeManifest: (manifest: RunManifest) => Record<string, unknown> = format.encode;

/**
 * No field is required. A status that is missing or not known is `running`: whether anything runs, the process and its
 * heartbeat tell better than a guess that it ended. @throws RunStateError `format` when the value is not an object.
 */
export const parseManifest: (value: unknown) => RunManifest = format.decode;

/**
 * Reads run.json of a run directory.
 *
 * Null when there is none, and when it cannot be read as a manifest: then `onProblem` hears why, as it does of a status
 * that is not known. Never rejects for what is in the file.
 */
export async function readManifest(
  dir: string,
  { onProblem }: { onProblem?: (problem: RunProblem) => void } = {},
): Promise<RunManifest | null> {
  try {
    const value = await readJson(runPaths(dir).manifest);
    const manifest = parseManifest(value);
    const { status } = value as { status?: unknown };
    if (status !== manifest.status) {
      const found = status === undefined ? 'missing' : `not known (${JSON.stringify(status)?.slice(0, 40)})`;
      onProblem?.({ file: 'run.json', line: null, reason: `status is ${found}; read as running` });
    }
    return manifest;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    const reason = error instanceof SyntaxError ? 'not valid JSON' : reasonOf(error);
    onProblem?.({ file: 'run.json', line: null, reason });
    return null;
  }
}

/** Writes run.json whole: a reader sees the manifest before or this one, never half of it. */
export async function writeManifest(dir: string, manifest: RunManifest): Promise<void> {
  await replaceFile(runPaths(dir).manifest, contentOf(manifest));
}

/** Writes run.json where there is none yet; false when there is one by now, which stays. */
export function writeFirstManifest(dir: string, manifest: RunManifest): Promise<boolean> {
  return publishOnce(runPaths(dir).manifest, contentOf(manifest));
}

function contentOf(manifest: RunManifest): string {
  return `${JSON.stringify(encodeManifest(manifest), null, 2)}\n`;
}
