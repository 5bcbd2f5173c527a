import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundRun } from './name-runs.ts';
import { isLogName } from './openevolve/log-reader.ts';
import { openReader, type ReadRunOptions } from './read-run-state.ts';
import { RunFinder, settledMs, statOf } from './run-finder.ts';
import type { RunReader } from './run-reader.ts';
import type { RunState } from './run-state.ts';

export interface RunIndexOptions extends Omit<ReadRunOptions, 'place' | 'signal'> {
  /** The most samples in each trajectory. Default 200: enough for a small curve, and a thousand runs fit in memory. */
  maxSamples?: number;
}

export interface RefreshOptions {
  /** Ends the refresh early: it gives what is known by then. */
  signal?: AbortSignal | undefined;
}

interface Entry {
  run: FoundRun;
  /** Of the run's files when its state was made; null while it is active. */
  stamp: Stamp | null;
  state: RunState;
  /** Kept for an active run, so that its next state costs only what is new. */
  reader: RunReader | null;
}

/** What was there of the files that a state comes from. */
interface Stamp {
  /** Differs whenever one of them does. */
  text: string;
  present: string[];
  /** Whether the directory's time tells of a file that comes. */
  isSettled: boolean;
}

/** Runs that are read at once: one that waits for the disk leaves the processor to the next. */
const batchSize = 4;
/** What a state comes from. */
const watchedNames = ['run.json', 'progress.jsonl', 'usage.jsonl', 'checkpoints', 'logs'];

/**
 * The states of all runs in a root, for a list of them. The first refresh reads every run; after it, a run that is not active
 * costs a look at its files and nothing more, and an active one what was added.
 */
export class RunIndex {
  readonly #finder: RunFinder;
  readonly #options: RunIndexOptions;
  #entries = new Map<string, Entry>();
  #states: RunState[] = [];
  #refreshing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(root: string, options: RunIndexOptions = {}) {
    this.#finder = new RunFinder(root);
    this.#options = { maxSamples: 200, ...options };
  }

  /** As of the last refresh. */
  get states(): readonly RunState[] {
    return this.#states;
  }

  /** Of the run with that name, as of the last refresh. */
  get(label: string, idx: number): RunState | undefined {
    return this.#states.find((state) => state.label === label && state.idx === idx);
  }

  /**
   * The states of all runs by now, sorted by label and idx. A run that did not change is the same object as before, and the
   * list is the same when none changed. Refreshes that are asked for at once follow each other.
   */
  refresh({ signal }: RefreshOptions = {}): Promise<readonly RunState[]> {
    const refreshing = this.#refreshing.then(() => this.#refresh(signal));
    this.#refreshing = refreshing.catch(() => undefined);
    return refreshing;
  }

  /** Later refreshes read nothing. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#refreshing;
    for (const { reader } of this.#entries.values()) reader?.close();
    this.#entries.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #refresh(signal: AbortSignal | undefined): Promise<readonly RunState[]> {
    if (this.#closed || signal?.aborted) return this.#states;
    const runs = await this.#finder.find();
    const entries = new Map<string, Entry>();
    let next = 0;
    const work = async () => {
      while (next < runs.length && !signal?.aborted) {
        const run = runs[next++]!;
        entries.set(run.dir, await this.#read(run, signal));
      }
    };
    await Promise.all(Array.from({ length: batchSize }, work));
    if (signal?.aborted) {
      for (const [dir, entry] of entries) this.#entries.set(dir, entry);
      return this.#states;
    }
    for (const [dir, { reader }] of this.#entries) if (entries.get(dir)?.reader !== reader) reader?.close();
    this.#entries = entries;
    const states = runs.map(({ dir }) => entries.get(dir)!.state);
    const isSame = states.length === this.#states.length && states.every((state, at) => state === this.#states[at]);
    if (!isSame) this.#states = states;
    return this.#states;
  }

  async #read(run: FoundRun, signal: AbortSignal | undefined): Promise<Entry> {
    const known = this.#entries.get(run.dir);
    const isNamedSo = known?.run.label === run.label && known.run.idx === run.idx;
    // Before the files are read: what is written meanwhile is found by the next refresh.
    const stamp = await stampOf(run.dir, known?.stamp ?? null);
    if (known !== undefined && isNamedSo && known.stamp?.text === stamp.text) return known;
    const kept = isNamedSo ? known?.reader : null;
    const reader = kept ?? openReader(run.dir, { ...this.#options, place: run });
    const { state, signature } = await reader.read(signal);
    if (!state.active) {
      reader.close();
      return { run, stamp, state, reader: null };
    }
    const isSame = known?.reader === reader && this.#signatures.get(reader) === signature;
    this.#signatures.set(reader, signature);
    return { run, stamp: null, state: isSame ? known.state : state, reader };
  }

  readonly #signatures = new WeakMap<RunReader, string>();
}

/** Looks at the run's files, and reads none. What was not there before is looked for when the directory has changed. */
async function stampOf(dir: string, before: Stamp | null): Promise<Stamp> {
  const folder = await statOf(dir);
  const own = folder === null ? '-' : `${folder.ino}/${folder.mtimeMs}`;
  const isSame = before?.isSettled === true && before.text.startsWith(`${own} `);
  const names = isSame ? before.present : watchedNames;
  const found = await Promise.all(names.map((name) => statOf(join(dir, name))));
  const present = names.filter((_, at) => found[at] !== null);
  const files = found.map((file, at) => (file === null ? '' : `${names[at]}/${file.ino}/${file.size}/${file.mtimeMs}`));
  // The log of OpenEvolve grows without a change of its folder. Beside a run.json nobody reads logs/.
  if (present.includes('logs') && !present.includes('run.json')) files.push(...(await logsIn(join(dir, 'logs'))));
  const isSettled = folder !== null && Date.now() - folder.mtimeMs > settledMs;
  return { text: `${own} ${files.filter((file) => file !== '').join(' ')}`, present, isSettled };
}

async function logsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter(isLogName).sort();
  return Promise.all(names.map(async (name) => `${name}/${(await statOf(join(folder, name)))?.size}`));
}
