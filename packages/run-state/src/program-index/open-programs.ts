import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { reasonOf } from '../errors.ts';
import { runFolderOf } from '../openevolve/run-folder.ts';
import { runPaths } from '../paths.ts';
import { maxProblems } from '../problem-list.ts';
import type { ProgramRecord } from '../programs.ts';
import type { PromptRecord } from '../prompts.ts';
import type { RunProblem } from '../run-state.ts';
import { JournalSource } from './journal-source.ts';
import { OpenEvolveSource } from './openevolve-source.ts';
import { ProgramColumnStore, type ProgramColumns, type ProgramSummary } from './program-columns.ts';
import type { ProgramSource } from './program-source.ts';

export interface OpenProgramsOptions {
  signal?: AbortSignal | undefined;
  /** Unix seconds. */
  now?: () => number;
}

/**
 * Indexes the programs of a run: those of its journal, or where it has none those that its checkpoints (and what else
 * OpenEvolve leaves) tell of. Every line is read once; summaries stay in memory in packed form, and code, artifacts, prompts and
 * replies stay on disk until they are asked for.
 *
 * A missing or empty directory has no programs yet; `refresh` finds them when they come. What cannot be read is in `problems`.
 */
export async function openPrograms(runDir: string, options: OpenProgramsOptions = {}): Promise<Programs> {
  const programs = new Programs(await runFolderOf(resolve(runDir)), options);
  await programs.refresh(options);
  return programs;
}

/** The programs of one run. Memory: about 76 bytes a program and those of its id, and 8 for each of its metrics. */
export class Programs {
  readonly dir: string;
  readonly #now: () => number;
  readonly #columns = new ProgramColumnStore();
  #source: ProgramSource | null = null;
  /** By id. */
  readonly #readProblems = new Map<string, RunProblem>();
  #refreshing: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** @internal `openPrograms` makes it. */
  constructor(dir: string, { now = () => Date.now() / 1000 }: OpenProgramsOptions) {
    this.dir = dir;
    this.#now = now;
  }

  /** Programs by now; rows run from 0 to one less, in the order in which they were completed. */
  get size(): number {
    return this.#columns.size;
  }

  /** Where they come from. */
  get source(): 'journal' | 'openevolve' | 'none' {
    return this.size === 0 ? 'none' : this.#source!.name;
  }

  get problems(): readonly RunProblem[] {
    return [...(this.#source?.problems ?? []), ...this.#readProblems.values()];
  }

  /** Bytes of the index. */
  get byteLength(): number {
    return this.#columns.byteLength + 12 * this.size;
  }

  /** Reads what is new, and that alone; true when anything was. A journal that was replaced is read from its start. */
  refresh({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<boolean> {
    const refreshing = this.#refreshing.then(() => this.#refresh(signal));
    this.#refreshing = refreshing.catch(() => undefined);
    return refreshing;
  }

  /** -1 when there is no program with that id. */
  rowOf(id: string): number {
    return this.#columns.rowOf(id);
  }

  /** The program of an iteration, the newest where it has several; -1 when there is none. */
  rowOfIter(iter: number): number {
    return this.#columns.rowOfIter(iter);
  }

  /** By row; null when there is no such row. */
  summary(row: number): ProgramSummary | null {
    return row >= 0 && row < this.size ? this.#columns.summary(row) : null;
  }

  /** All summaries at once, by column. */
  columns(): ProgramColumns {
    return this.#columns.columns();
  }

  /** The whole program, from disk; null when there is none with that id (any more), or it cannot be read (see `problems`). */
  async get(id: string): Promise<ProgramRecord | null> {
    const program = await this.#read(id).catch(() => null);
    if (program !== null) return program;
    // A journal that was replaced since the last refresh holds something else at the known place; and another refresh may
    // have indexed it meanwhile.
    await this.refresh();
    try {
      const found = await this.#read(id);
      this.#readProblems.delete(id);
      return found;
    } catch (error) {
      if (this.#readProblems.size < maxProblems) this.#readProblems.set(id, this.#problemOf(error));
      return null;
    }
  }

  /** Prompts and replies of an iteration, in order; none where they were not kept. The first call indexes prompts.jsonl. */
  async prompts(iter: number, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<PromptRecord[]> {
    return this.#source === null ? [] : this.#source.prompts(iter, { signal });
  }

  /** The programs that were made from this one, in order. */
  children(id: string): ProgramSummary[] {
    const row = this.rowOf(id);
    return row < 0 ? [] : this.#columns.childrenOf(row).map((child) => this.#columns.summary(child));
  }

  /** From the oldest ancestor that is known to the program itself; none when the program is not known. */
  lineage(id: string): ProgramSummary[] {
    const row = this.rowOf(id);
    return row < 0 ? [] : this.#columns.lineageOf(row).map((ancestor) => this.#columns.summary(ancestor));
  }

  /** What is indexed stays; nothing new is read. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#source?.close();
    await this.#refreshing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #refresh(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#closed) return false;
    const hasJournal = await isFilled(runPaths(this.dir).journal);
    const wanted = hasJournal || this.#source?.name === 'journal' ? 'journal' : 'openevolve';
    const isNew = this.#source?.name !== wanted;
    if (isNew) {
      this.#source?.close();
      this.#columns.clear();
      this.#source =
        wanted === 'journal' ? new JournalSource(this.dir) : new OpenEvolveSource(this.dir, { now: this.#now });
    }
    const found = await this.#source!.refresh(this.#columns, { signal });
    if (found) this.#columns.settle();
    return found;
  }

  #problemOf(error: unknown): RunProblem {
    const file = this.#source?.name === 'journal' ? 'programs.jsonl' : 'checkpoints';
    return { file, line: null, reason: reasonOf(error) };
  }

  async #read(id: string): Promise<ProgramRecord | null> {
    const row = this.rowOf(id);
    if (row < 0) return null;
    const program = await this.#source!.read(row);
    return program?.id === id ? program : null;
  }
}

async function isFilled(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true && found.size > 0;
}
