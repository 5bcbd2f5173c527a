import type { ProgramError } from './interfaces.ts';

/** A scored program in the database. Programs that could not be scored are in the journal only. */
export interface Program {
  id: string;
  code: string;
  parentId: string | null;
  island: number;
  /** Depth in the lineage; the initial program has 0. */
  generation: number;
  /** The iteration that made it. A migrant keeps that of the program it copies. */
  iteration: number;
  /** Unix seconds. */
  ts: number;
  metrics: Record<string, number>;
  score: number;
  complexity: number;
  diversity: number;
  changes: string | null;
  artifacts: Record<string, string>;
  /** Why the newest child that failed did so; null after a child that did not. */
  lastFailure: ProgramError | null;
}
