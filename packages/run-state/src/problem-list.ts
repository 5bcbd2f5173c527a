import type { RunProblem } from './run-state.ts';

/** The most problems of one run state: more would tell a person no more. */
export const maxProblems = 100;

/** The problems of one file, the first `maxProblems` of them. */
export class ProblemList {
  readonly #file: string;
  #problems: RunProblem[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  add(line: number | null, reason: string): void {
    if (this.#problems.length < maxProblems) this.#problems.push({ file: this.#file, line, reason });
  }

  /** Drops what was added with this reason and no line. */
  remove(reason: string): void {
    this.#problems = this.#problems.filter((problem) => problem.line !== null || problem.reason !== reason);
  }

  clear(): void {
    this.#problems = [];
  }

  get all(): readonly RunProblem[] {
    return this.#problems;
  }
}
