import { type Stats, stat } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type FoundRun, nameRuns } from './name-runs.ts';
import { isOpenEvolveFolder, ownerOfCheckpoints } from './openevolve/run-folder.ts';

/** Folders below the root that are looked into: `<root>/<project>/<label>/run_<idx>`. */
const maxDepth = 3;
/** Milliseconds after a folder's last change before its time is trusted: another change may fall into the same tick. */
export const settledMs = 2000;

interface Folder {
  stamp: string;
  isRun: boolean;
  /** Names of the folders in it that are looked into; none in a run. */
  folders: string[];
}

/** Finds the runs in a root again and again: a folder that did not change since the last time costs one look at it. */
export class RunFinder {
  readonly #root: string;
  #known = new Map<string, Folder>();
  #seen = new Map<string, Folder>();
  #runs: FoundRun[] = [];
  #key = '';

  constructor(root: string) {
    this.#root = resolve(root);
  }

  /** The folders that hold runs or could, as far as the last search knows; the runs themselves are not among them. */
  get folders(): string[] {
    return [...this.#known].filter(([, { isRun }]) => !isRun).map(([dir]) => dir);
  }

  /** Sorted by label and idx; the same list when it is the same. Searches do not overlap: wait for one before the next. */
  async find(): Promise<FoundRun[]> {
    this.#seen = new Map();
    const dirs: string[] = [];
    await this.#search(await ownerOfCheckpoints(this.#root), 0, dirs);
    this.#known = this.#seen;
    const key = dirs.sort().join('\n');
    if (key !== this.#key) {
      this.#key = key;
      this.#runs = nameRuns(dirs);
    }
    return this.#runs;
  }

  async #search(dir: string, depth: number, found: string[]): Promise<void> {
    const folder = await this.#look(dir);
    if (folder === null) return;
    this.#seen.set(dir, folder);
    if (folder.isRun) found.push(dir);
    else if (depth < maxDepth) {
      await Promise.all(folder.folders.map((name) => this.#search(join(dir, name), depth + 1, found)));
    }
  }

  async #look(dir: string): Promise<Folder | null> {
    const known = this.#known.get(dir);
    // Before the list is read: a change between the two is then found next time.
    const stats = await statOf(dir);
    if (stats === null) return null;
    const stamp = `${stats.dev}:${stats.ino}:${stats.mtimeMs}`;
    if (known?.stamp === stamp) return known;
    const entries = await readdir(dir, { withFileTypes: true }).catch(() => null);
    if (entries === null) return null;
    const names = new Set(entries.map(({ name }) => name));
    const isRun = names.has('run.json') || names.has('progress.jsonl') || (await isOpenEvolveFolder(dir, names));
    // What would make it one of OpenEvolve stands a folder deeper, where it leaves this one's time alone.
    const mayBecome = names.has('checkpoints') || names.has('logs');
    const isSettled = isRun || (!mayBecome && Date.now() - stats.mtimeMs > settledMs);
    const folders = isRun ? [] : entries.filter((entry) => entry.isDirectory() && !isSkipped(entry.name));
    return { stamp: isSettled ? stamp : '', isRun, folders: folders.map(({ name }) => name) };
  }
}

/** Null when there is nothing. The callback form: with thousands of files a promise each is what costs. */
export function statOf(path: string): Promise<Stats | null> {
  return new Promise((done) => stat(path, (error, stats) => done(error === null ? stats : null)));
}

function isSkipped(name: string): boolean {
  return name.startsWith('.') || name === 'node_modules';
}
