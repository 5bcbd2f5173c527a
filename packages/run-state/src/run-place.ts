import { mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isLabel, labelFor, requireLabel } from './label.ts';
import { checkpointStepOf } from './openevolve/run-folder.ts';

/** What a run is called. */
export interface RunPlace {
  label: string;
  idx: number;
}

const runFolder = /^run_(0|[1-9]\d{0,8})$/;

/** The idx in a folder name `run_<idx>`; null for any other name. */
export function idxOf(folderName: string): number | null {
  const match = runFolder.exec(folderName);
  return match === null ? null : Number(match[1]);
}

/**
 * Label and idx of a run directory, from its path alone: `<label>/run_<idx>` says both; any other path gives its parent
 * folder's name, made fit for a label, and idx 0. `isForeign` is true for the latter. One checkpoint in a `checkpoints`
 * folder is called as its run is.
 */
export function placeOf(runDir: string): RunPlace & { isForeign: boolean } {
  const path = withoutCheckpoint(resolve(runDir));
  const parent = basename(dirname(path));
  const idx = idxOf(basename(path));
  if (idx !== null && isLabel(parent)) return { label: parent, idx, isForeign: false };
  return { label: labelFor(parent), idx: 0, isForeign: true };
}

function withoutCheckpoint(path: string): string {
  const folder = dirname(path);
  return checkpointStepOf(path) !== null && basename(folder) === 'checkpoints' ? dirname(folder) : path;
}

/**
 * Makes `<root>/<label>/run_<idx>` with the idx after the highest that is there, counting from 0. Two processes that ask
 * at once get two directories.
 *
 * @throws RunStateError `label`, and what the file system throws
 */
export async function createRunDirectory(root: string, label: string): Promise<{ dir: string; idx: number }> {
  requireLabel(label);
  const parent = join(root, label);
  await mkdir(parent, { recursive: true });
  const taken = (await readdir(parent)).flatMap((name) => idxOf(name) ?? []);
  for (let idx = Math.max(-1, ...taken) + 1; ; idx++) {
    const dir = join(parent, `run_${idx}`);
    try {
      await mkdir(dir);
      return { dir, idx };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
