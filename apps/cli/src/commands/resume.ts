import { constants, existsSync } from 'node:fs';
import { access, copyFile, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import {
  placeOf,
  type RunConfig,
  type RunState,
  readManifest,
  readPrograms,
  readRunConfig,
  runPaths,
} from '@kai/run-state';
import { changedNotes } from '../changed-notes.ts';
import { chooseNewest } from '../choose-run.ts';
import { usageError } from '../cli-error.ts';
import { checkStoredConfig, type KaiConfig, withOverrides } from '../config.ts';
import { type Context, type StoppableContext, shellWord, shownPath } from '../context.ts';
import { startDashboard } from '../dashboard.ts';
import { evolveRun } from '../evolve-run.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { formatScore, plural } from '../format.ts';
import { openEvaluator } from '../open-evaluator.ts';
import { redactConfig, redactText } from '../redact.ts';
import { evaluatorName, initialProgramName, sha256Of } from '../task-copy.ts';
import { refusalText } from '../writable.ts';

export interface ResumeCommandOptions {
  /** In all, those that are done included. */
  iterations?: number;
  /** Beyond those that are done. */
  more?: number;
  force?: boolean;
  viewer?: boolean;
  port?: number;
}

/** `kai resume`: goes on with a run from its newest whole checkpoint and the journal after it. */
export async function resumeCommand(
  path: string | undefined,
  options: ResumeCommandOptions,
  context: StoppableContext,
): Promise<ExitCode> {
  const { terminal, cwd } = context;
  const state = await chooseNewest(path, {
    now: context.now(),
    command: context.command,
    wanted: 'interrupted or stopped',
    accepts: ({ status }) => status === 'interrupted' || status === 'stopped',
  });
  const { dir } = state;
  const shown = shownPath(dir, cwd);
  await refuseLive(state, shown, context);
  await refuseUnwritable(dir, shown);
  const stored = await readRunConfig(dir);
  if (stored === null) {
    throw usageError(`${shown} has no config.json, so there is nothing to resume it with. Start a new run.`);
  }
  // Without any record it was stopped before its initial program was scored: that is where it goes on.
  if (state.best === null && state.trajectory.count > 0) {
    throw usageError(`There is nothing to resume in ${shown}: none of its programs could be scored. Start a new run.`);
  }
  const before = checkStoredConfig(stored.config, { name: join(shown, 'config.json') });
  const completed = await completedIn(dir);
  const total = totalOf(options, { completed, before });
  const done = nothingToDo(state, { completed, total, before, shown, context });
  if (done !== null) {
    terminal.line(...done);
    return exitCode.done;
  }
  const config = withOverrides(before, { max_iterations: total });
  const { task, evaluatorSha256, renew, changed } = await checkTask(stored, {
    dir,
    shown,
    force: options.force === true,
  });
  const initialProgram = join(runPaths(dir).task, initialProgramName(stored.task));
  const code = await readFile(initialProgram, 'utf8').catch((cause) => {
    throw usageError(`Could not read the run's initial program ${shownPath(initialProgram, cwd)}: ${cause.message}.`, {
      cause,
    });
  });
  const { requests } = context;
  const evaluator = await openEvaluator(task.evaluator, { config, requests });
  if (evaluator === null) {
    terminal.line('Stopped before the run went on; nothing was changed.');
    return exitCode.stoppedByUser;
  }
  const close: (() => Promise<unknown>)[] = [() => evaluator.close()];
  try {
    const root = placeOf(dir).isForeign ? dir : dirname(dirname(dir));
    const dashboard = options.viewer
      ? await startDashboard({ root, port: options.port, command: context.command })
      : null;
    if (dashboard !== null) close.push(() => dashboard.close());
    return await evolveRun(
      {
        dir,
        record: { command: ['kai', ...context.args].map(redactText), task, config: redactConfig(config) },
        onOpen: renew,
        rerun: ['run', ...taskWords(task, cwd)],
        initialProgram: { code, extension: extname(initialProgram) },
        evaluator,
        evaluatorSha256,
        config,
        dashboard,
        requests,
        resumed: { completed, best: state.best },
        notes: [
          `${plural(completed, 'iteration')} done, going on to ${plural(total, 'iteration')}.`,
          ...changedNotes(changed),
        ],
      },
      context,
    );
  } finally {
    await Promise.all(close.map((end) => end()));
  }
}

/** Completed iterations without the initial program, by the journal: the feed may have lost lines to a full disk. */
async function completedIn(dir: string): Promise<number> {
  const iterations = new Set<number>();
  for await (const { iter } of readPrograms(dir)) if (iter > 0) iterations.add(iter);
  return iterations.size;
}

function totalOf(
  { iterations, more }: ResumeCommandOptions,
  { completed, before }: { completed: number; before: KaiConfig },
): number {
  if (more !== undefined) return completed + more;
  return iterations ?? before.max_iterations;
}

async function refuseLive({ dir, active }: RunState, shown: string, { command }: Context): Promise<void> {
  if (!active) return;
  const manifest = await readManifest(dir);
  const who = manifest === null ? 'it changed within the last minute' : `process ${manifest.pid} on ${manifest.host}`;
  throw usageError(
    `${shown} is live (${who}). Watch it with "${command} monitor ${shellWord(shown)}"; stop that process before resuming.`,
  );
}

/** A task as `kai run` takes it. */
function taskWords({ dir, initialProgram, evaluator }: RunConfig['task'], cwd: string): string[] {
  const isFolder = dirname(initialProgram) === dir && /^initial_program\./.test(basename(initialProgram));
  return (isFolder ? [dir] : [initialProgram, evaluator]).map((path) => shownPath(path, cwd));
}

/** Refuses a run that somebody else keeps, before anything is started for it. */
async function refuseUnwritable(dir: string, shown: string): Promise<void> {
  const { manifest, config, journal, feed } = runPaths(dir);
  for (const path of [dir, ...[manifest, config, journal, feed].filter((file) => existsSync(file))]) {
    const wanted = path === dir ? constants.W_OK | constants.X_OK : constants.R_OK | constants.W_OK;
    await access(path, wanted).catch((cause) => {
      const what = path === dir ? 'its folder' : basename(path);
      throw usageError(
        `Could not resume ${shown}: ${what} cannot be written to (${refusalText(cause)}). Resume it as the user who started it.`,
        { cause },
      );
    });
  }
}

/** What to say when the run has already done what is asked for; null when there is something to do. */
function nothingToDo(
  { best, direction }: RunState,
  {
    completed,
    total,
    before,
    shown,
    context: { command },
  }: { completed: number; total: number; before: KaiConfig; shown: string; context: Context },
): string[] | null {
  const { target_score: target } = before;
  if (target !== null && best !== null && (direction === 'minimize' ? best <= target : best >= target)) {
    return [
      `${shown} has reached its target score ${formatScore(target)} (best ${formatScore(best)}): there is nothing to resume.`,
    ];
  }
  if (completed < total) return null;
  return [
    `${shown} has already done ${plural(completed, 'iteration')}${completed > total ? `, more than the ${total} asked for` : ''}. To add more:`,
    `  ${command} resume ${shellWord(shown)} --more ${before.max_iterations}`,
  ];
}

/**
 * The stored task, checked against its files as they are now. A changed evaluator is refused, because old and new scores
 * would not compare; with `force` it is taken.
 */
async function checkTask(
  stored: RunConfig,
  { dir, shown, force }: { dir: string; shown: string; force: boolean },
): Promise<{
  task: RunConfig['task'];
  evaluatorSha256: string;
  /** Renews the run's copy of the evaluator. */
  renew: () => Promise<void>;
  changed: string[];
}> {
  const { task } = stored;
  if (!existsSync(task.evaluator)) {
    throw usageError(
      `The evaluator of ${shown} is gone: ${task.evaluator || 'config.json names none'}. Put the task back where it was.`,
    );
  }
  const name = evaluatorName(task);
  const now = await sha256Of(task.evaluator);
  const then =
    task.files.find(({ path }) => path === name)?.sha256 ?? (await readManifest(dir))?.evaluatorSha256 ?? null;
  if (then !== null && then !== now && !force) {
    throw usageError(
      `${task.evaluator} has changed since ${shown} began, so new scores would not compare with the old ones. Start a new run, or resume with --force.`,
      { details: [`then: sha256 ${then}`, `now:  sha256 ${now}`] },
    );
  }
  const renew = async () => {
    if (then !== now) await copyFile(task.evaluator, join(runPaths(dir).task, name));
  };
  const files = task.files.map((file) => (file.path === name ? { ...file, sha256: now } : file));
  return { task: { ...task, files }, evaluatorSha256: now, renew, changed: await changedFiles(stored) };
}

/** The task's other files that are not what they were; the initial program is that of the run's copy. */
async function changedFiles({ task }: RunConfig): Promise<string[]> {
  const own = [initialProgramName(task), evaluatorName(task)];
  const changed: string[] = [];
  for (const { path, sha256 } of task.files) {
    if (own.includes(path)) continue;
    const now = await sha256Of(join(task.dir, path)).catch(() => null);
    if (now !== sha256) changed.push(now === null ? `${path} (gone)` : path);
  }
  return changed;
}
