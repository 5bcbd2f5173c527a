import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CheckpointMetadata, parseCheckpointMetadata } from '../checkpoint-format.ts';
import { reasonOf } from '../errors.ts';
import { isObject } from '../fields.ts';
import { readJson } from '../read-json.ts';
import type { RunProblem } from '../run-state.ts';
import { type ProgramFile, parseProgramFile } from './program-file.ts';
import { checkpointStepOf } from './run-folder.ts';

/** What is kept of one program of the checkpoints: all but its texts, which stay in `file`. */
export interface CheckpointEntry {
  id: string;
  /** Path in the output folder. */
  file: string;
  /** Null where the version of OpenEvolve did not keep it. */
  iterationFound: number | null;
  /** The earliest checkpoint that holds it. */
  firstStep: number;
  parentId: string | null;
  timestamp: number;
  island: number | null;
  metrics: Record<string, unknown>;
  artifacts: Record<string, string>;
  score: number | null | undefined;
  isMigrant: boolean;
  codeHash: string | null;
  /** Whether only a best_program_info.json tells of it. */
  isInfo: boolean;
}

interface Folder {
  step: number;
  /** Path in the output folder; empty when the folder is the checkpoint itself. */
  path: string;
}

/** Seconds after which a checkpoint without a whole metadata.json is no longer being written. */
const writingSeconds = 10;
const batchSize = 32;

/**
 * The union of the programs of all checkpoints of one folder: the newest may have lost what an older one holds. Where two
 * hold the same program the newest record wins. Checkpoints that were read and have not changed are not read again.
 */
export class CheckpointUnion {
  readonly entries = new Map<string, CheckpointEntry>();
  /** Of the newest checkpoint whose metadata can be read. */
  metadata: CheckpointMetadata | null = null;
  /** Grows whenever a read found anything new. */
  version = 0;
  readonly #dir: string;
  #paths = new Set<string>();
  readonly #stamps = new Map<string, string>();
  readonly #problems = new Map<string, RunProblem[]>();
  /** By name of the program file: the newest step it was read from. */
  readonly #read = new Map<string, { step: number; id: string }>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  get problems(): RunProblem[] {
    return [...this.#problems.values()].flat();
  }

  /** The highest step with a whole metadata.json; null when there is none. */
  get lastStep(): number | null {
    return this.metadata?.iteration ?? null;
  }

  /** `now`: Unix seconds. */
  async read(now: number): Promise<void> {
    const folders = await this.#folders();
    const paths = new Set(folders.map(({ path }) => path));
    if ([...this.#paths].some((path) => !paths.has(path))) this.#reset();
    this.#paths = paths;
    // From the newest on, so that at the first read every program is read once.
    for (const folder of folders) await this.#readFolder(folder, now);
    await this.#readInfo('best', { step: Number.MAX_SAFE_INTEGER, path: 'best' });
  }

  /** A checkpoint was removed: whatever it alone told of is gone, or another run has begun. */
  #reset(): void {
    this.version++;
    this.entries.clear();
    this.metadata = null;
    for (const known of [this.#stamps, this.#problems, this.#read]) known.clear();
  }

  async #folders(): Promise<Folder[]> {
    const own = checkpointStepOf(this.#dir);
    if (own !== null) return [{ step: own, path: '' }];
    const names = await readdir(join(this.#dir, 'checkpoints')).catch(() => []);
    return names
      .flatMap((name) => {
        const step = checkpointStepOf(name);
        return step === null ? [] : [{ step, path: `checkpoints/${name}` }];
      })
      .sort((a, b) => b.step - a.step);
  }

  async #readFolder(folder: Folder, now: number): Promise<void> {
    const { stamp, changedAt } = await this.#stampOf(folder);
    if (this.#stamps.get(folder.path) === stamp) return;
    const problems: RunProblem[] = [];
    const metadata = await this.#readMetadata(folder, problems);
    if (metadata === null && Math.abs(now - changedAt) < writingSeconds && !(await this.#isFinished(folder))) return;
    this.#stamps.set(folder.path, stamp);
    this.#problems.set(folder.path, problems);
    this.version++;
    if (metadata !== null && folder.step >= (this.lastStep ?? -1)) this.metadata = metadata;
    await this.#readPrograms(folder, metadata, problems);
    await this.#readInfo(folder.path, folder);
  }

  /** Changes when the checkpoint is written anew. OpenEvolve writes in place, and metadata.json after all programs. */
  async #stampOf({ path }: Folder): Promise<{ stamp: string; changedAt: number }> {
    const stats = await Promise.all(
      ['', 'programs', 'metadata.json'].map((name) => stat(join(this.#dir, path, name)).catch(() => null)),
    );
    const times = stats.map((found) => (found?.mtimeMs ?? 0) / 1000);
    return {
      stamp: stats.map((found) => `${found?.ino}:${found?.size}:${found?.mtimeMs}`).join(' '),
      changedAt: Math.max(...times),
    };
  }

  async #readMetadata({ path, step }: Folder, problems: RunProblem[]): Promise<CheckpointMetadata | null> {
    const file = join(path, 'metadata.json');
    try {
      return { ...parseCheckpointMetadata(await readJson(join(this.#dir, file))), iteration: step };
    } catch (error) {
      const reason = `${reasonOf(error)} Of this checkpoint only the programs are used.`;
      problems.push({ file, line: null, reason });
      return null;
    }
  }

  /** Whether metadata.json is there to its closing brace: then it is damaged, and not about to become whole. */
  async #isFinished({ path }: Folder): Promise<boolean> {
    const content = await readFile(join(this.#dir, path, 'metadata.json'), 'utf8').catch(() => '');
    return content.trimEnd().endsWith('}');
  }

  async #readPrograms(folder: Folder, metadata: CheckpointMetadata | null, problems: RunProblem[]): Promise<void> {
    const names = (await readdir(join(this.#dir, folder.path, 'programs')).catch(() => [])).filter(
      (name) => name.endsWith('.json') && !name.startsWith('.'),
    );
    const islandOf = new Map(metadata?.islands.flatMap((ids, island) => ids.map((id) => [id, island] as const)));
    const isOld = (name: string) => (this.#read.get(name)?.step ?? -1) > folder.step;
    for (const name of names.filter(isOld)) {
      const entry = this.entries.get(this.#read.get(name)!.id);
      if (entry !== undefined) entry.firstStep = Math.min(entry.firstStep, folder.step);
    }
    const fresh = names.filter((name) => !isOld(name)).sort();
    for (let start = 0; start < fresh.length; start += batchSize) {
      const batch = fresh.slice(start, start + batchSize);
      await Promise.all(batch.map((name) => this.#readProgram(folder, name, { islandOf, problems })));
    }
  }

  async #readProgram(
    folder: Folder,
    name: string,
    { islandOf, problems }: { islandOf: Map<string, number>; problems: RunProblem[] },
  ): Promise<void> {
    const file = join(folder.path, 'programs', name);
    try {
      const read = parseProgramFile(await readJson(join(this.#dir, file)));
      const { id } = read.program;
      const known = this.entries.get(id);
      const firstStep = Math.min(known?.firstStep ?? folder.step, folder.step);
      this.entries.set(id, { ...entryOf(read), file, firstStep, island: read.island ?? islandOf.get(id) ?? null });
      this.#read.set(name, { step: folder.step, id });
    } catch (error) {
      problems.push({ file, line: null, reason: reasonOf(error) });
    }
  }

  /** The best program may be told of where no program file is left. */
  async #readInfo(key: string, { path, step }: Folder): Promise<void> {
    const file = join(path, 'best_program_info.json');
    const found = await stat(join(this.#dir, file)).catch(() => null);
    const stamp = `${found?.ino}:${found?.size}:${found?.mtimeMs}`;
    const name = `${key}/info`;
    if (this.#stamps.get(name) === stamp) return;
    this.#stamps.set(name, stamp);
    this.#problems.delete(name);
    if (found === null) return;
    this.version++;
    try {
      const info = await readJson(join(this.#dir, file));
      if (!isObject(info)) throw new Error('expected an object');
      const entry = entryOf(parseProgramFile({ ...info, iteration_found: info.iteration ?? info.current_iteration }));
      if (this.entries.get(entry.id)?.isInfo !== false) {
        this.entries.set(entry.id, { ...entry, file, firstStep: step, island: null, codeHash: null, isInfo: true });
      }
    } catch (error) {
      this.#problems.set(name, [{ file, line: null, reason: reasonOf(error) }]);
    }
  }
}

function entryOf({ program, iterationFound, metrics, score, isMigrant }: ProgramFile) {
  const { id, code, parentId, timestamp, artifacts } = program;
  const codeHash = createHash('sha1').update(code).digest('base64');
  return { id, iterationFound, parentId, timestamp, metrics, artifacts, score, isMigrant, codeHash, isInfo: false };
}
