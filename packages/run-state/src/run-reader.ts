import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { progressTrajectory } from '@kai/progress';
import { FeedReader } from './feed-reader.ts';
import { type RunManifest, readManifest } from './manifest.ts';
import { OpenEvolveReader, type OpenEvolveView } from './openevolve/openevolve-reader.ts';
import { maxProblems } from './problem-list.ts';
import { type FindProcess, fateOfProcess, type ProcessFate } from './process-start.ts';
import type { RunPlace } from './run-place.ts';
import type { Direction, RunProblem, RunState } from './run-state.ts';
import { explainStatus, isActive } from './status.ts';
import { SteadyWatch } from './steady-watch.ts';
import { UsageReader } from './usage-reader.ts';

export interface RunReaderOptions {
  place: RunPlace;
  maxSamples: number | undefined;
  now: () => number;
  host: string;
  findProcess: FindProcess;
  /** Seconds on a clock that nobody sets. */
  steady: () => number;
}

interface WhatWasRead {
  manifest: RunManifest | null;
  fate: ProcessFate;
  openEvolve: OpenEvolveView | null;
  problems: RunProblem[];
}

const emptyTrajectory = progressTrajectory([]);

/** Makes run states of one directory, again and again; each time only what is new is read. */
export class RunReader {
  readonly #dir: string;
  readonly #options: RunReaderOptions;
  #feed: FeedReader;
  readonly #usage: UsageReader;
  readonly #openEvolve: OpenEvolveReader;
  readonly #heartbeat: SteadyWatch;
  readonly #iterations: SteadyWatch;

  constructor(dir: string, options: RunReaderOptions) {
    this.#dir = dir;
    this.#options = options;
    this.#feed = this.#newFeed('maximize');
    this.#usage = new UsageReader(dir);
    this.#openEvolve = new OpenEvolveReader(dir, options);
    this.#heartbeat = new SteadyWatch(options.steady);
    this.#iterations = new SteadyWatch(options.steady);
  }

  /** The state and a text that differs whenever the state does. Never rejects for what is in the directory. */
  async read(signal?: AbortSignal): Promise<{ state: RunState; signature: string }> {
    const problems: RunProblem[] = [];
    const { manifest, fate } = await this.#readManifest(problems);
    const direction = manifest?.direction ?? 'maximize';
    if (direction !== this.#feed.direction) {
      this.#feed.close();
      this.#feed = this.#newFeed(direction);
    }
    await this.#feed.read(signal);
    await this.#usage.read(signal);
    const hasFeed = this.#feed.count > 0;
    const openEvolve = hasFeed ? null : await this.#openEvolve.read({ direction, now: this.#options.now(), signal });
    problems.push(...this.#feed.problems, ...this.#usage.problems);
    if (!hasFeed) problems.push(...this.#openEvolve.problems);
    const state = await this.#makeState({
      manifest,
      fate,
      openEvolve,
      problems: problems.slice(0, maxProblems),
    });
    const { trajectory, ...rest } = state;
    const signature = JSON.stringify([this.#feed.version, this.#openEvolve.version, trajectory.count, rest]);
    return { state, signature };
  }

  close(): void {
    this.#feed.close();
    this.#usage.close();
    this.#openEvolve.close();
  }

  async #readManifest(problems: RunProblem[]): Promise<{ manifest: RunManifest | null; fate: ProcessFate }> {
    const { host, findProcess } = this.#options;
    const found: RunProblem[] = [];
    const read = () => readManifest(this.#dir, { onProblem: (problem) => found.push(problem) });
    let manifest = await read();
    const fate = manifest === null ? null : await fateOfProcess(manifest, { thisHost: host, findProcess });
    if (fate === 'gone') {
      // It may have ended well between the two looks; what a dead process has written is final.
      found.length = 0;
      manifest = await read();
    }
    problems.push(...found);
    return { manifest, fate };
  }

  async #makeState({ manifest, fate, openEvolve, problems }: WhatWasRead): Promise<RunState> {
    const { place, now } = this.#options;
    const feed = this.#feed;
    const source = feed.count > 0 ? 'feed' : openEvolve !== null ? 'checkpoints' : 'none';
    const trajectory = source === 'feed' ? feed.trajectory() : (openEvolve?.trajectory ?? emptyTrajectory);
    const curve = source === 'feed' ? feed : openEvolve;
    const { changedAt, manifestChangedAt } = await lastChange(this.#dir);
    const { status, reason } = explainStatus({
      manifest,
      processAlive: fate === null ? null : fate !== 'gone',
      processSuspended: fate === 'suspended',
      now: now(),
      lastIterationAt: feed.lastTs,
      recentGaps: feed.gaps,
      changedAt: latest(changedAt, this.#openEvolve.logChangedAt),
      manifestChangedAt,
      heartbeatSeen: this.#heartbeat.look(manifest?.heartbeatAt ?? null),
      // A resume starts the quiet time anew.
      iterationSeen: this.#iterations.look(`${feed.version} ${manifest?.pid} ${manifest?.processStartedAt}`),
    });
    const active = isActive({ status });
    const totals = this.#usage.totals();
    return {
      dir: this.#dir,
      ...place,
      status,
      active,
      statusReason: reason,
      stopReason: active ? null : (manifest?.stopReason ?? openEvolve?.stopReason ?? null),
      error: manifest?.error ?? null,
      source,
      direction: manifest?.direction ?? 'maximize',
      iteration: source === 'none' ? (manifest?.iteration ?? 0) : trajectory.iteration,
      maxIterations: manifest?.maxIterations ?? openEvolve?.maxIterations ?? null,
      initialScore: curve?.initialScore ?? null,
      best: trajectory.best,
      bestProgramId: trajectory.improvements.at(-1)?.programId ?? null,
      failed: trajectory.failed,
      calls: manifest === null && openEvolve !== null && totals.calls === 0 ? null : totals.calls,
      cost: totals.costUsd,
      unpricedCalls: totals.unpricedCalls,
      usage: totals,
      inFlight: active ? (manifest?.inFlight ?? []) : [],
      startedAt: manifest?.startedAt ?? curve?.firstTs ?? null,
      updatedAt: curve?.lastTs ?? null,
      endedAt: manifest?.endedAt ?? null,
      trajectory,
      problems,
    };
  }

  #newFeed(direction: Direction): FeedReader {
    return new FeedReader(this.#dir, { direction, maxSamples: this.#options.maxSamples });
  }
}

/** What changes while a run goes on; run.json first. */
const watchedNames = [
  'run.json',
  'progress.jsonl',
  'programs.jsonl',
  'usage.jsonl',
  'evolution_trace.jsonl',
  'checkpoints',
  'best',
  'logs',
];

/** When run.json, and any file or the list of files, last changed: Unix seconds; null when it is not there. */
async function lastChange(dir: string): Promise<{ changedAt: number | null; manifestChangedAt: number | null }> {
  const watched = [dir, ...watchedNames.map((name) => join(dir, name))];
  const times = await Promise.all(
    watched.map((path) =>
      stat(path).then(
        ({ mtimeMs }) => mtimeMs / 1000,
        () => null,
      ),
    ),
  );
  return { changedAt: times.reduce(latest, null), manifestChangedAt: times[1] ?? null };
}

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
