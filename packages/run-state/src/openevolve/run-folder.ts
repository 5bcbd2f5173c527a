import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isLogName } from './log-reader.ts';

const checkpointFolder = /^checkpoint_(0|[1-9]\d*)$/;

/** The iteration in a folder's name or path, `checkpoint_<iteration>`; null for any other. */
export function checkpointStepOf(path: string): number | null {
  const match = checkpointFolder.exec(basename(path));
  return match === null ? null : Number(match[1]);
}

/** Whether the folder, of which `names` are the entries, is what OpenEvolve left: a run's output or one checkpoint of it. */
export async function isOpenEvolveFolder(dir: string, names: ReadonlySet<string>): Promise<boolean> {
  if (names.has('evolution_trace.jsonl')) return true;
  if (checkpointStepOf(dir) !== null && (names.has('programs') || names.has('metadata.json'))) return true;
  if (names.has('checkpoints') && (await holds(join(dir, 'checkpoints'), (name) => checkpointStepOf(name) !== null))) {
    return true;
  }
  return names.has('logs') && (await holds(join(dir, 'logs'), isLogName));
}

/** The folder above, where `dir` is a `checkpoints` folder with checkpoints in it; else `dir`. */
export async function ownerOfCheckpoints(dir: string): Promise<string> {
  const isOwned = basename(dir) === 'checkpoints' && (await holds(dir, (name) => checkpointStepOf(name) !== null));
  return isOwned ? dirname(dir) : dir;
}

/**
 * The run that is meant by a folder: itself; the run of a `checkpoints` folder; the `openevolve_output` in it, where it is
 * no run itself. Where nothing of the kind is there, the folder as it is.
 */
export async function runFolderOf(path: string): Promise<string> {
  const dir = resolve(path);
  for (const name of ['run.json', 'progress.jsonl']) if (await exists(join(dir, name))) return dir;
  const owner = await ownerOfCheckpoints(dir);
  if (owner !== dir || (await isRun(dir))) return owner;
  const output = join(dir, 'openevolve_output');
  return (await isRun(output)) ? output : dir;
}

async function isRun(dir: string): Promise<boolean> {
  const names = await readdir(dir).catch(() => []);
  return isOpenEvolveFolder(dir, new Set(names));
}

async function holds(dir: string, isMeant: (name: string) => boolean): Promise<boolean> {
  return (await readdir(dir).catch(() => [])).some(isMeant);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
