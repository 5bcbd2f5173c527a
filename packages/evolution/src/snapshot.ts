import type { Checkpoint, StoredProgram } from '@kai/run-state';
import { z } from 'zod';
import type { Database } from './database.ts';
import type { Json, Proposer } from './interfaces.ts';
import type { IterationSet, Iterations } from './iterations.ts';
import type { Program } from './program.ts';

const programErrorSchema = z.object({ kind: z.string(), message: z.string() });

/** kai's part of a checkpoint: what OpenEvolve's layout has no place for. */
const memorySchema = z.object({
  done: z.object({ up_to: z.number().int(), beyond: z.array(z.number().int()) }),
  references: z.array(z.array(z.number())),
  last_failures: z.record(z.string(), programErrorSchema),
  proposer: z.json(),
});

/** A search at rest: everything a checkpoint keeps. */
export interface Snapshot {
  programs: Program[];
  ranges: Record<string, { min: number; max: number }>;
  references: number[][];
  islandGenerations: number[];
  lastMigrationGeneration: number;
  done: IterationSet;
  proposer: Json;
}

/** Takes the state of a search in one synchronous step, so that it is whole whatever goes on meanwhile. */
export function takeSnapshot(
  { database, iterations, proposer }: { database: Database; iterations: Iterations; proposer: Proposer },
  language: string,
): Checkpoint {
  const { ranges, references, islandGenerations, lastMigrationGeneration } = database.memory;
  const failures = database.programs.flatMap(({ id, lastFailure }) =>
    lastFailure ? [[id, lastFailure] as const] : [],
  );
  const { upTo, beyond } = iterations.done;
  const memory: z.input<typeof memorySchema> = {
    done: { up_to: upTo, beyond },
    references: references.map((signature) => [...signature]),
    last_failures: Object.fromEntries(failures),
    proposer: jsonOf(proposer.snapshot?.() ?? null),
  };
  return {
    iteration: iterations.completed,
    bestProgramId: database.best?.id ?? null,
    islands: database.islands.map(({ ranking }) => ranking.programs.map(({ id }) => id)),
    islandFeatureMaps: database.islands.map(({ grid }) =>
      Object.fromEntries([...grid].map(([cell, program]) => [cell, program.id])),
    ),
    archive: database.archive.map(({ id }) => id),
    islandBestPrograms: database.islands.map(({ ranking }) => ranking.best?.id ?? null),
    islandGenerations,
    currentIsland: iterations.upcoming % database.islands.length,
    lastMigrationGeneration,
    featureStats: ranges,
    controller: memory as Json,
    programs: database.programs.map((program) => toStored(program, language)),
  };
}

/** Only what JSON can hold comes back from a checkpoint as it was. */
function jsonOf(state: unknown): Json {
  const result = z.json().safeParse(state);
  if (result.success) return structuredClone(result.data) as Json;
  throw new TypeError('The proposer gave a snapshot that is not JSON (a function, undefined or NaN in it?).');
}

/** Reads what `takeSnapshot` made. Throws a ZodError for a checkpoint that kai did not write. */
export function readSnapshot(checkpoint: Checkpoint): Snapshot {
  const memory = memorySchema.parse(checkpoint.controller);
  return {
    programs: checkpoint.programs.flatMap((stored) => {
      const { language: _, timestamp, iterationFound, score, ...program } = stored;
      if (score === null) return [];
      const lastFailure = memory.last_failures[stored.id] ?? null;
      return [{ ...program, ts: timestamp, iteration: iterationFound, score, lastFailure }];
    }),
    ranges: checkpoint.featureStats,
    references: memory.references,
    islandGenerations: checkpoint.islandGenerations,
    lastMigrationGeneration: checkpoint.lastMigrationGeneration,
    done: { upTo: memory.done.up_to, beyond: memory.done.beyond },
    proposer: memory.proposer,
  };
}

/** The program as the run directory stores it. */
export function toStored(program: Program, language: string): StoredProgram {
  const { ts, iteration, lastFailure: _, ...stored } = program;
  return { ...stored, language, timestamp: ts, iterationFound: iteration };
}
