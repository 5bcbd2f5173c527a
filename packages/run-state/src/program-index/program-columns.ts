import { grown } from './grown.ts';
import { PackedTexts } from './packed-texts.ts';

/** What the index keeps of a program. */
export interface IndexedProgram {
  id: string;
  iter: number;
  score: number | null;
  parentId: string | null;
  island: number | null;
  generation: number;
  model: string | null;
  /** Why there is no score: the error's kind. */
  error: string | null;
  costUsd: number | null;
  ts: number;
  metrics: Readonly<Record<string, number>>;
}

/** A program as a list shows it; `row` is its place in the index and in the columns. */
export interface ProgramSummary extends IndexedProgram {
  row: number;
  /** Null for the initial program, and for one whose parent is gone: that one still has a `parentId`. */
  parentRow: number | null;
}

/** The summaries by column, for sorting and filtering many: one item per row. Valid until the next refresh. */
export interface ProgramColumns {
  iter: Float64Array;
  /** NaN: none. */
  score: Float64Array;
  /** The parent's row; -1: none; from -2 down: gone. */
  parent: Int32Array;
  /** -1: none. */
  island: Int32Array;
  generation: Int32Array;
  /** NaN: not known. */
  costUsd: Float64Array;
  /** Unix seconds; 0: not known. */
  ts: Float64Array;
  /** By name, in the order in which they were first met; NaN: not there, or not finite. At most 64. */
  metrics: ReadonlyMap<string, Float64Array>;
}

const maxMetrics = 64;
/** Texts that a row names by a number from 1; 0 is none. The last number stands for all further ones. */
const maxNames = 0xffff;

/**
 * Programs by row and by id, in typed arrays: 48 bytes a program, about 16 more and its bytes for the id, and 8 for each metric
 * (up to twice that while the arrays have room to grow).
 */
export class ProgramColumnStore {
  #ids = new PackedTexts();
  /** Ids of parents that have no row. */
  #gone = new PackedTexts();
  #names = new PackedTexts();
  #iter = new Float64Array(64);
  #score = new Float64Array(64);
  #parent = new Int32Array(64);
  #island = new Int32Array(64);
  #generation = new Int32Array(64);
  #model = new Uint16Array(64);
  #error = new Uint16Array(64);
  #cost = new Float64Array(64);
  #ts = new Float64Array(64);
  #metrics = new Map<string, Float64Array>();
  #children: { first: Int32Array; next: Int32Array } | null = null;

  get size(): number {
    return this.#ids.size;
  }

  /** Bytes that the arrays take. */
  get byteLength(): number {
    const arrays = [this.#iter, this.#score, this.#parent, this.#island, this.#generation, this.#model, this.#error];
    const all = [...arrays, this.#cost, this.#ts, ...this.#metrics.values()];
    const lists = this.#children === null ? 0 : 2 * this.#children.first.byteLength;
    const texts = this.#ids.byteLength + this.#gone.byteLength + this.#names.byteLength;
    return all.reduce((sum, { byteLength }) => sum + byteLength, lists + texts);
  }

  /** Adds the program, or puts it in the place of the one with its id, and returns its row. */
  add(program: IndexedProgram): number {
    const before = this.#ids.size;
    const row = this.#ids.add(program.id);
    if (row === before) this.#grow(row + 1);
    this.#children = null;
    this.#iter[row] = program.iter;
    this.#score[row] = program.score ?? Number.NaN;
    this.#parent[row] = this.#parentOf(program.parentId);
    this.#island[row] = program.island ?? -1;
    this.#generation[row] = program.generation;
    this.#model[row] = this.#nameOf(program.model);
    this.#error[row] = this.#nameOf(program.error);
    this.#cost[row] = program.costUsd ?? Number.NaN;
    this.#ts[row] = program.ts;
    this.#addMetrics(row, program.metrics);
    return row;
  }

  /** To be called after adding: finds the parents that came after their children. */
  settle(): void {
    if (this.#gone.size === 0) return;
    const rows = new Int32Array(this.#gone.size);
    let found = false;
    for (let gone = 0; gone < rows.length; gone++) {
      rows[gone] = this.#ids.find(this.#gone.at(gone));
      found ||= rows[gone] !== -1;
    }
    if (!found) return;
    for (let row = 0; row < this.size; row++) {
      const parent = this.#parent[row]!;
      if (parent < -1 && rows[-2 - parent] !== -1) this.#parent[row] = rows[-2 - parent]!;
    }
  }

  clear(): void {
    this.#ids = new PackedTexts();
    this.#gone = new PackedTexts();
    this.#names = new PackedTexts();
    this.#metrics = new Map();
    this.#children = null;
  }

  /** -1 when there is no such program. */
  rowOf(id: string): number {
    return this.#ids.find(id);
  }

  idAt(row: number): string {
    return this.#ids.at(row);
  }

  summary(row: number): ProgramSummary {
    const parent = this.#parent[row]!;
    const metrics: Record<string, number> = {};
    for (const [name, column] of this.#metrics) if (!Number.isNaN(column[row])) metrics[name] = column[row]!;
    return {
      row,
      id: this.idAt(row),
      iter: this.#iter[row]!,
      score: known(this.#score[row]!),
      parentRow: parent < 0 ? null : parent,
      parentId: parent >= 0 ? this.idAt(parent) : parent === -1 ? null : this.#gone.at(-2 - parent),
      island: this.#island[row]! < 0 ? null : this.#island[row]!,
      generation: this.#generation[row]!,
      model: this.#nameAt(this.#model[row]!),
      error: this.#nameAt(this.#error[row]!),
      costUsd: known(this.#cost[row]!),
      ts: this.#ts[row]!,
      metrics,
    };
  }

  columns(): ProgramColumns {
    const { size } = this;
    const cut = (column: Float64Array) => column.subarray(0, size);
    return {
      iter: cut(this.#iter),
      score: cut(this.#score),
      parent: this.#parent.subarray(0, size),
      island: this.#island.subarray(0, size),
      generation: this.#generation.subarray(0, size),
      costUsd: cut(this.#cost),
      ts: cut(this.#ts),
      metrics: new Map([...this.#metrics].map(([name, column]) => [name, cut(column)])),
    };
  }

  /** Rows, ascending. The first call after a change walks all rows once. */
  childrenOf(row: number): number[] {
    this.#children ??= this.#linkChildren();
    const rows: number[] = [];
    for (let child = this.#children.first[row]!; child !== -1; child = this.#children.next[child]!) rows.push(child);
    return rows;
  }

  /** Rows from the oldest ancestor that is there to the program itself. */
  lineageOf(row: number): number[] {
    const rows: number[] = [];
    const seen = new Set<number>();
    // A damaged file may make a program its own ancestor.
    for (let at = row; at >= 0 && !seen.has(at); at = this.#parent[at]!) {
      seen.add(at);
      rows.push(at);
    }
    return rows.reverse();
  }

  /** The newest row of an iteration; -1 when there is none. */
  rowOfIter(iter: number): number {
    return this.#iter.subarray(0, this.size).lastIndexOf(iter);
  }

  #parentOf(id: string | null): number {
    if (id === null) return -1;
    const row = this.#ids.find(id);
    return row >= 0 ? row : -2 - this.#gone.add(id);
  }

  #nameOf(name: string | null): number {
    if (name === null) return 0;
    const known = this.#names.find(name);
    if (known >= 0) return known + 1;
    return this.#names.size < maxNames ? this.#names.add(name) + 1 : maxNames;
  }

  #nameAt(number: number): string | null {
    return number === 0 ? null : this.#names.at(number - 1);
  }

  #addMetrics(row: number, metrics: Readonly<Record<string, number>>): void {
    for (const column of this.#metrics.values()) column[row] = Number.NaN;
    for (const name of Object.keys(metrics)) {
      let column = this.#metrics.get(name);
      if (column === undefined) {
        if (this.#metrics.size === maxMetrics) continue;
        column = new Float64Array(this.#iter.length).fill(Number.NaN);
        this.#metrics.set(name, column);
      }
      column[row] = metrics[name]!;
    }
  }

  #grow(size: number): void {
    if (size <= this.#iter.length) return;
    this.#iter = grown(this.#iter, size);
    this.#score = grown(this.#score, size);
    this.#parent = grown(this.#parent, size);
    this.#island = grown(this.#island, size);
    this.#generation = grown(this.#generation, size);
    this.#model = grown(this.#model, size);
    this.#error = grown(this.#error, size);
    this.#cost = grown(this.#cost, size);
    this.#ts = grown(this.#ts, size);
    for (const [name, column] of this.#metrics) this.#metrics.set(name, grown(column, size));
  }

  #linkChildren(): { first: Int32Array; next: Int32Array } {
    const first = new Int32Array(this.size).fill(-1);
    const next = new Int32Array(this.size).fill(-1);
    for (let row = this.size - 1; row >= 0; row--) {
      const parent = this.#parent[row]!;
      if (parent < 0) continue;
      next[row] = first[parent]!;
      first[parent] = row;
    }
    return { first, next };
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
