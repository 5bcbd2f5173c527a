import type { Measurement } from '../openevolve/measurements.ts';
import { OpenEvolveReader } from '../openevolve/openevolve-reader.ts';
import { splitMetrics } from '../openevolve/outcome.ts';
import { failureId, readProgram } from '../openevolve/read-openevolve-programs.ts';
import { maxProblems } from '../problem-list.ts';
import type { ProgramRecord } from '../programs.ts';
import type { PromptRecord } from '../prompts.ts';
import type { RunProblem } from '../run-state.ts';
import type { ProgramColumnStore } from './program-columns.ts';
import type { ProgramSource, SourceReadOptions } from './program-source.ts';

/** The programs of a run without a journal: those that checkpoints, trace and logs in OpenEvolve's layout tell of. */
export class OpenEvolveSource implements ProgramSource {
  readonly name = 'openevolve';
  readonly #dir: string;
  readonly #reader: OpenEvolveReader;
  readonly #now: () => number;
  #version = 0;
  #programs: { id: string; measurement: Measurement }[] = [];
  #readProblems: RunProblem[] = [];

  constructor(dir: string, { now }: { now: () => number }) {
    this.#dir = dir;
    this.#now = now;
    this.#reader = new OpenEvolveReader(dir);
  }

  get problems(): readonly RunProblem[] {
    return [...this.#reader.problems, ...this.#readProblems].slice(0, maxProblems);
  }

  async refresh(columns: ProgramColumnStore, { signal }: SourceReadOptions): Promise<boolean> {
    await this.#reader.read({ direction: 'maximize', now: this.#now(), signal });
    if (this.#reader.version === this.#version) return false;
    this.#version = this.#reader.version;
    // What one source says of a program may change with what the others say: the columns are made anew.
    columns.clear();
    const failures = new Map<number, number>();
    this.#programs = [];
    for (const measurement of this.#reader.measurements()) {
      const { checkpoint, trace, log, iter, score, error, ts } = measurement;
      const id = measurement.id ?? failureId(measurement, failures);
      const told = checkpoint ?? trace ?? log;
      const row = columns.add({
        id,
        iter,
        score,
        parentId: told?.parentId ?? null,
        island: checkpoint?.island ?? trace?.island ?? log?.island ?? null,
        generation: 0,
        model: null,
        error: error?.kind ?? null,
        costUsd: null,
        ts,
        metrics: splitMetrics(told?.metrics ?? {}).numbers,
      });
      this.#programs[row] = { id, measurement };
    }
    return true;
  }

  async read(row: number): Promise<ProgramRecord> {
    const { id, measurement } = this.#programs[row]!;
    return readProgram(this.#dir, measurement, { id, onProblem: (problem) => this.#addProblem(problem) });
  }

  /** OpenEvolve keeps them with the program. */
  async prompts(iter: number): Promise<PromptRecord[]> {
    const prompts: PromptRecord[] = [];
    for (const { id, measurement } of this.#programs) {
      if (measurement.iter !== iter || measurement.copyOf !== null) continue;
      const program = await readProgram(this.#dir, measurement, { id, onProblem: (found) => this.#addProblem(found) });
      for (const { system, user, replies } of program.prompts) {
        const asked = { iter, programId: id, model: program.model, system, prompt: user, ts: program.ts };
        const answers: (string | null)[] = replies.length === 0 ? [null] : replies;
        prompts.push(...answers.map((reply, nth) => ({ ...asked, reply, attempt: nth + 1 })));
      }
    }
    return prompts;
  }

  close(): void {
    this.#reader.close();
  }

  #addProblem(problem: RunProblem): void {
    if (this.#readProblems.length < maxProblems) this.#readProblems.push(problem);
  }
}
