import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../errors.ts';
import type { RunProblem } from '../run-state.ts';
import { LogFile, type LogRecord } from './log-file.ts';

/** What all logs of one output folder say together. */
export interface LogView {
  /** In order of completion, restarts included, of the search that was started last. */
  records: LogRecord[];
  /** Ids of programs of searches before that one: their files may still lie in the same folder. */
  abandoned: ReadonlySet<string>;
  dimensions: ReadonlySet<string>;
  lastIteration: number | null;
  /** OpenEvolve's words for why it ended; null while it goes on, or when it did not say. */
  ended: string | null;
}

export const isLogName = (name: string): boolean => /^openevolve_.*\.log$/.test(name);

/** Follows `logs/openevolve_*.log` of one output folder; each read takes only what is new. */
export class LogReader {
  /** When a log last changed: Unix seconds; null when there is none. */
  changedAt: number | null = null;
  problems: RunProblem[] = [];
  /** Grows whenever a read found anything new. */
  version = 0;
  readonly #folder: string;
  readonly #files = new Map<string, LogFile>();
  #forgotten = 0;
  #view: { version: number; value: LogView } | null = null;

  constructor(dir: string) {
    this.#folder = join(dir, 'logs');
  }

  async read(signal?: AbortSignal): Promise<void> {
    const names = (await readdir(this.#folder).catch(() => [])).filter(isLogName);
    let changedAt: number | null = null;
    this.problems = [];
    for (const name of [...this.#files.keys()].filter((known) => !names.includes(known))) this.#forget(name);
    for (const name of names) {
      try {
        const { mtimeMs } = await stat(join(this.#folder, name));
        changedAt = Math.max(changedAt ?? 0, mtimeMs / 1000);
        await this.#file(name).read(signal);
      } catch (error) {
        this.problems.push({ file: `logs/${name}`, line: null, reason: reasonOf(error) });
      }
    }
    this.changedAt = changedAt;
    this.version = [...this.#files.values()].reduce((sum, file) => sum + file.version + 1, this.#forgotten);
  }

  view(): LogView {
    if (this.#view?.version !== this.version) this.#view = { version: this.version, value: this.#makeView() };
    return this.#view.value;
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
  }

  #file(name: string): LogFile {
    const file = this.#files.get(name) ?? new LogFile(join(this.#folder, name));
    this.#files.set(name, file);
    return file;
  }

  #forget(name: string): void {
    const file = this.#files.get(name);
    file?.close();
    this.#files.delete(name);
    // So that the version grows all the same.
    this.#forgotten += (file?.version ?? 0) + 2;
  }

  #makeView(): LogView {
    // Their names hold the time of the start.
    const files = [...this.#files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
    const start = Math.max(
      0,
      files.findLastIndex(({ startsFresh }) => startsFresh),
    );
    const current = files.slice(start);
    const records = onePerProgram(current.flatMap((file) => file.records));
    const seen = new Set(files.flatMap((file) => [...file.abandoned, ...file.records.map(({ id }) => id)]));
    for (const { id } of records) seen.delete(id);
    seen.delete(null);
    const last = current.at(-1);
    return {
      records,
      abandoned: seen as Set<string>,
      dimensions: new Set(current.flatMap((file) => [...file.dimensions])),
      lastIteration: last?.lastIteration ?? null,
      ended: last?.ended ?? null,
    };
  }
}

/** A process that starts two searches writes the second one into both of its logs. */
function onePerProgram(records: LogRecord[]): LogRecord[] {
  const ids = new Set<string>();
  return records.filter(({ id }) => id === null || (!ids.has(id) && ids.add(id)));
}
