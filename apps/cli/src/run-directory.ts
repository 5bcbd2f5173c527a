import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createRunDirectory, isLabel, labelFor, runPaths } from '@kai/run-state';
import { usageError } from './cli-error.ts';

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
export async function checkDestination({ label, output, runs }: RunDestination): Promise<void> {
  if (label !== undefined && !isLabel(label)) {
    throw usageError(
      `--label ${JSON.stringify(label)} cannot name a folder of runs: expected 1 to 64 letters, digits, ".", "_" or "-", a letter or digit first. "${labelFor(label)}" would do.`,
    );
  }
  const folder = output ?? runs;
  const info = folder === undefined ? null : await stat(folder).catch(() => null);
  if (info !== null && !info.isDirectory()) {
    throw usageError(`${output === undefined ? '--runs' : '--output'} ${folder} is a file; expected a folder.`);
  }
  if (output === undefined) return;
  const { manifest, feed, journal, checkpoints } = runPaths(output);
  if ([manifest, feed, journal, checkpoints].some((path) => existsSync(path))) {
    throw usageError(`${output} already holds a run. Go on with it (kai resume ${output}), or name another --output.`);
  }
}

/** Makes the directory of a new run; absolute. `name` is what it is called without a label. */
export async function makeRunDirectory(
  { runs = 'runs', label, output }: RunDestination,
  name: string,
): Promise<string> {
  if (output !== undefined) {
    await mkdir(output, { recursive: true });
    return resolve(output);
  }
  const { dir } = await createRunDirectory(resolve(runs), label ?? labelFor(name));
  return dir;
}
