import type { ProgramRecord } from '../programs.ts';
import type { PromptRecord } from '../prompts.ts';
import type { RunProblem } from '../run-state.ts';
import type { ProgramColumnStore } from './program-columns.ts';

export interface SourceReadOptions {
  signal?: AbortSignal | undefined;
}

/** Where the programs of a run stand. It fills the columns, and reads a program whole only when it is asked for. */
export interface ProgramSource {
  readonly name: 'journal' | 'openevolve';
  readonly problems: readonly RunProblem[];
  /** Adds what is new to the columns; true when anything was. */
  refresh(columns: ProgramColumnStore, options: SourceReadOptions): Promise<boolean>;
  /** Rejects when the program does not stand any more where it did. */
  read(row: number): Promise<ProgramRecord>;
  prompts(iter: number, options: SourceReadOptions): Promise<PromptRecord[]>;
  close(): void;
}
