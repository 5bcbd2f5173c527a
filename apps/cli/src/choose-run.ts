import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FoundRun, findRuns, type RunState, readManifest, readRunState } from '@kai/run-state';
import { usageError } from './cli-error.ts';

/** A run that was chosen from a folder. `others`: how many more it holds. */
export interface ChosenRun extends FoundRun {
  others: number;
}

const defaultRoot = 'runs';
const recentlySeconds = 60;

interface DatedRun extends FoundRun {
  /** When it was last active, Unix seconds. */
  at: number;
  mayBeActive: boolean;
}

/**
 * The run to watch in a folder (a run, the runs of a label, a root; default ./runs): the newest live one, else the newest.
 *
 * `command` is how kai is called, for what messages tell to type.
 *
 * @throws CliError `usage` for a missing folder and one without runs
 */
export async function chooseLiveOrNewest(
  path: string | undefined,
  { now, command }: { now: number; command: string },
): Promise<ChosenRun> {
  const runs = await datedRuns(path, { now, command });
  const others = runs.length - 1;
  for (const run of runs) {
    if (run.mayBeActive && (await readRunState(run.dir, { place: run })).active) return { ...run, others };
  }
  return { ...runs[0]!, others };
}

/**
 * The newest run in a folder that `accepts` takes, looked at in order of age.
 *
 * @throws CliError `usage` for a missing folder, and when there is none (`wanted` says what was looked for)
 */
export async function chooseNewest(
  path: string | undefined,
  {
    now,
    command,
    wanted,
    accepts,
  }: { now: number; command: string; wanted: string; accepts: (state: RunState) => boolean },
): Promise<RunState> {
  const runs = await datedRuns(path, { now, command });
  const states: RunState[] = [];
  for (const run of runs) {
    const state = await readRunState(run.dir, { place: run });
    // A path that is a run itself is what was asked for, whatever its state.
    if (accepts(state) || (path !== undefined && runs.length === 1)) return state;
    states.push(state);
  }
  const statuses = [...new Set(states.map(({ status }) => status))].join(', ');
  throw usageError(
    `There is no ${wanted} run in ${path ?? `./${defaultRoot}`} (found ${runs.length}: ${statuses}). Name one by its path.`,
  );
}

async function datedRuns(
  path: string | undefined,
  { now, command }: { now: number; command: string },
): Promise<DatedRun[]> {
  const root = path ?? defaultRoot;
  const info = await stat(root).catch(() => null);
  if (info === null) {
    throw usageError(
      path === undefined
        ? `There are no runs here (no folder ./${defaultRoot}). Start one with "${command} run <task>", or name a folder of runs.`
        : `${path}: there is no such folder.`,
    );
  }
  if (!info.isDirectory()) throw usageError(`${root} is a file. Name a run directory or a folder of runs.`);
  const found = await findRuns(root);
  if (found.length === 0) {
    throw usageError(`There are no runs in ${root}. Start one with "${command} run <task>".`);
  }
  const dated = await Promise.all(found.map((run) => dateRun(run, now)));
  return dated.sort((a, b) => b.at - a.at);
}

async function dateRun(run: FoundRun, now: number): Promise<DatedRun> {
  const manifest = await readManifest(run.dir);
  if (manifest !== null) {
    const at = Math.max(manifest.startedAt ?? 0, manifest.heartbeatAt ?? 0, manifest.endedAt ?? 0);
    return { ...run, at, mayBeActive: manifest.status === 'running' || manifest.status === 'waiting' };
  }
  // A run of OpenEvolve is known by its log long before its first checkpoint.
  const logs = (await readdir(join(run.dir, 'logs')).catch(() => [])).filter((name) =>
    /^openevolve_.*\.log$/.test(name),
  );
  const times = await Promise.all(
    ['.', 'progress.jsonl', 'checkpoints', ...logs.map((name) => join('logs', name))].map((path) =>
      stat(join(run.dir, path)).then(
        ({ mtimeMs }) => mtimeMs / 1000,
        () => 0,
      ),
    ),
  );
  const at = Math.max(...times);
  return { ...run, at, mayBeActive: now - at <= recentlySeconds };
}
