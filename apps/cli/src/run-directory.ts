import { existsSync } from 'node:fs';
import { mkdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createRunDirectory, isLabel, labelFor, runPaths } from '@kai/run-state';
import { type CliError, usageError } from './cli-error.ts';
import { shellWord } from './context.ts';
import { refusalText, whyNotWritable } from './writable.ts';

/** Where a new run shall go. */
export interface RunDestination {
  /** Folder of all runs; default `./runs`. */
  runs?: string;
  label?: string;
  /** The run directory itself, in place of both. */
  output?: string;
}

/** The root that a viewer of the run serves. */
export function rootOf({ runs = 'runs', output }: RunDestination): string {
  return resolve(output ?? runs);
}

/** Refuses what cannot become a run directory, before anything is made. @throws CliError `usage` */
export async function checkDestination(
  { label, output, runs = 'runs' }: RunDestination,
  { name, command }: { name: string; command: string },
): Promise<void> {
  if (label !== undefined && !isLabel(label)) {
    throw usageError(
      `--label ${JSON.stringify(label)} cannot name a folder of runs: expected 1 to 64 letters, digits, ".", "_" or "-", a letter or digit first. "${labelFor(label)}" would do.`,
    );
  }
  const folder = output ?? runs;
  const info = await stat(folder).catch(() => null);
  if (info !== null && !info.isDirectory()) {
    throw usageError(`${output === undefined ? '--runs' : '--output'} ${folder} is a file; expected a folder.`);
  }
  const refused = await whyNotWritable(output ?? join(runs, label ?? labelFor(name)));
  if (refused !== null) throw notMade({ runs, output }, refused);
  if (output === undefined) return;
  const { manifest, feed, journal, checkpoints } = runPaths(output);
  if ([manifest, feed, journal, checkpoints].some((path) => existsSync(path))) {
    throw usageError(
      `${output} already holds a run. Go on with it (${command} resume ${shellWord(output)}), or name another --output.`,
    );
  }
}

/**
 * Makes the directory of a new run, and takes it: of two processes that ask for the same one, the second is refused before
 * it has changed anything in it. `name` is what the run is called without a label.
 *
 * @returns its absolute path
 * @throws CliError `usage`
 */
export async function makeRunDirectory(
  { runs = 'runs', label, output }: RunDestination,
  name: string,
): Promise<string> {
  if (output !== undefined) {
    const dir = resolve(output);
    try {
      await mkdir(dir, { recursive: true });
      // Only one process can make it, and a run needs it anyway.
      await mkdir(runPaths(dir).task);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw notMade({ runs, output }, refusalText(error));
      throw usageError(
        `${output} is taken: it has a folder "task" already, of a run that begins there or of something else. Name another --output.`,
      );
    }
    return dir;
  }
  try {
    return (await createRunDirectory(resolve(runs), label ?? labelFor(name))).dir;
  } catch (error) {
    throw notMade({ runs, output }, refusalText(error));
  }
}

/** Gives back what `makeRunDirectory` took, when no run came to be in it. */
export async function giveBack(dir: string): Promise<void> {
  const { manifest, config, task, log } = runPaths(dir);
  if (existsSync(manifest)) return;
  for (const path of [config, task, log]) await rm(path, { recursive: true, force: true }).catch(() => {});
  // Folders that hold anything else stay.
  for (const folder of [dirname(log), dir]) await rmdir(folder).catch(() => {});
}

function notMade({ runs, output }: { runs: string; output?: string }, why: string): CliError {
  return usageError(
    `Could not make a run directory in ${output ?? runs}: ${why}. Name another folder with ${output === undefined ? '--runs' : '--output'}.`,
  );
}
