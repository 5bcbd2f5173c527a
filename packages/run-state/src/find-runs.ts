import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { isOpenEvolveFolder, ownerOfCheckpoints } from './openevolve/run-folder.ts';
import { placeOf, type RunPlace } from './run-place.ts';

/** A run directory and what it is called. */
export interface FoundRun extends RunPlace {
  /** Absolute. */
  dir: string;
}

/** Folders below the root that are looked into: `<root>/<project>/<label>/run_<idx>`. */
const maxDepth = 3;

/**
 * Finds the runs in `root`, sorted by label and idx: the root itself, or what lies up to three folders below it.
 *
 * A directory with run.json, progress.jsonl, a checkpoint or what else OpenEvolve leaves is a run, and nothing below it is
 * looked at. One `checkpoint_<N>` and a `checkpoints` folder can be the root too. A foreign run
 * (not at `<label>/run_<idx>`) gets a short hash of its path behind its label when another run has that label and idx; of
 * kai's own runs, all but the one closest to the root do.
 * Symbolic links are not followed. What cannot be read holds no runs; a missing root is [].
 */
export async function findRuns(root: string): Promise<FoundRun[]> {
  const dirs: string[] = [];
  await search(await ownerOfCheckpoints(resolve(root)), 0, dirs);
  return nameRuns(dirs).sort((a, b) => compare(a.label, b.label) || a.idx - b.idx);
}

async function search(dir: string, depth: number, found: string[]): Promise<void> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const names = new Set(entries.map(({ name }) => name));
  if (names.has('run.json') || names.has('progress.jsonl') || (await isOpenEvolveFolder(dir, names))) {
    found.push(dir);
    return;
  }
  if (depth === maxDepth) return;
  const folders = entries.filter((entry) => entry.isDirectory() && !isSkipped(entry.name));
  await Promise.all(folders.map(({ name }) => search(join(dir, name), depth + 1, found)));
}

function isSkipped(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}

function nameRuns(dirs: string[]): FoundRun[] {
  const places = dirs.map((dir) => ({ dir, ...placeOf(dir) })).sort(byClaim);
  const uses = new Map<string, number>();
  const count = (name: string) => {
    const used = uses.get(name) ?? 0;
    uses.set(name, used + 1);
    return used;
  };
  const ranks = places.map(({ label, idx }) => count(`${label}/${idx}`));
  return places.map(({ dir, label, idx, isForeign }, index) => {
    // Of several foreign runs none has the better claim to the name, so that none takes it.
    const isAlone = uses.get(`${label}/${idx}`) === 1;
    const keepsName = isAlone || (ranks[index] === 0 && !isForeign);
    return { dir, idx, label: keepsName ? label : `${label.slice(0, 57)}-${pathHash(dir)}` };
  });
}

type Place = FoundRun & { isForeign: boolean };

/** kai's own runs before foreign ones, then those closer to the root. */
function byClaim(a: Place, b: Place): number {
  const depth = ({ dir }: Place) => dir.split(sep).length;
  return Number(a.isForeign) - Number(b.isForeign) || depth(a) - depth(b) || compare(a.dir, b.dir);
}

function pathHash(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 6);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
