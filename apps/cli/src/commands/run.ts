import { mkdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { findEvolveBlocks } from '@kai/evolution';
import { runPaths } from '@kai/run-state';
import { usageError } from '../cli-error.ts';
import { type ConfigOverrides, loadConfig } from '../config.ts';
import { type Context, type StoppableContext, shownPath } from '../context.ts';
import { startDashboard } from '../dashboard.ts';
import { evolveRun } from '../evolve-run.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { openEvaluator } from '../open-evaluator.ts';
import { plainText } from '../plain-text.ts';
import { redactConfig, redactText } from '../redact.ts';
import { checkDestination, giveBack, makeRunDirectory, type RunDestination, rootOf } from '../run-directory.ts';
import { findTask } from '../task.ts';
import { copyTask, evaluatorName } from '../task-copy.ts';

export interface RunCommandOptions extends RunDestination {
  config?: string;
  strict?: boolean;
  iterations?: number;
  targetScore?: number;
  seed?: number;
  offline?: boolean;
  viewer?: boolean;
  port?: number;
}

/** `kai run`: everything that can be wrong is found before the run directory is made. */
export async function runCommand(
  paths: readonly string[],
  options: RunCommandOptions,
  context: StoppableContext,
): Promise<ExitCode> {
  const task = await findTask(paths, context);
  await checkDestination(options, { name: task.name, command: context.command });
  const { config, warnings } = await loadConfig({
    taskDir: task.dir,
    path: options.config,
    strict: options.strict,
    overrides: overridesOf(options),
    cwd: context.cwd,
  });
  for (const warning of warnings) context.warn(`warning: ${plainText(warning)}`);
  const code = await readFile(task.initialProgram, 'utf8');
  const marked = hasMarkers(code, shownPath(task.initialProgram, context.cwd));
  const { requests } = context;
  const evaluator = await openEvaluator(task.evaluator, { config, requests });
  if (evaluator === null) {
    context.terminal.line('Stopped before the run began; nothing was written.');
    return exitCode.stoppedByUser;
  }
  const root = rootOf(options);
  const close: (() => Promise<unknown>)[] = [() => evaluator.close()];
  try {
    if (options.viewer) await mkdir(root, { recursive: true });
    const dashboard = options.viewer
      ? await startDashboard({ root, port: options.port, command: context.command })
      : null;
    if (dashboard !== null) close.push(() => dashboard.close());
    const dir = await makeRunDirectory(options, task.name);
    let began = false;
    close.push(async () => {
      if (!began) await giveBack(dir);
    });
    const { files, skipped } = await copyTask(task, runPaths(dir).task, { exclude: [root, dir] });
    const notes = [
      options.offline
        ? 'The offline mutator proposes the changes.'
        : 'No model is configured: the offline mutator proposes the changes.',
      ...(marked
        ? []
        : [`${shownPath(task.initialProgram, context.cwd)} has no EVOLVE-BLOCK markers: the whole file may change.`]),
      ...(skipped.length === 0
        ? []
        : [`Not copied to the run's task folder (links, over 5 MB, or beyond 1,000 files): ${skippedText(skipped)}.`]),
    ];
    return await evolveRun(
      {
        dir,
        record: {
          command: ['kai', ...context.args].map(redactText),
          task: { dir: task.dir, initialProgram: task.initialProgram, evaluator: task.evaluator, files },
          config: redactConfig(config),
        },
        onOpen() {
          began = true;
        },
        rerun: rerunWords(paths, options, context),
        initialProgram: { code, extension: extname(task.initialProgram) },
        evaluator,
        evaluatorSha256: files.find(({ path }) => path === evaluatorName(task))!.sha256,
        config,
        dashboard,
        requests,
        resumed: null,
        notes,
      },
      context,
    );
  } finally {
    await Promise.all(close.map((end) => end()));
  }
}

/** Whether parts of the program are marked as what may change. @throws CliError `usage` for markers that do not pair up */
function hasMarkers(code: string, path: string): boolean {
  try {
    return findEvolveBlocks(code).marked;
  } catch (cause) {
    throw usageError(`${path}: ${(cause as Error).message}`, { cause });
  }
}

/** What was typed, but for an --output that is taken now. */
function rerunWords(paths: readonly string[], { output }: RunCommandOptions, { args }: Context): readonly string[] {
  return output === undefined ? args : ['run', ...paths];
}

function overridesOf({ iterations, targetScore, seed }: RunCommandOptions): ConfigOverrides {
  return { max_iterations: iterations, target_score: targetScore, random_seed: seed };
}

function skippedText(paths: readonly string[]): string {
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return `${paths.slice(0, 5).map(plainText).join(', ')}${more}`;
}
