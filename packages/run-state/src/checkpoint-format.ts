import { z } from 'zod';
import { countOr, isFiniteNumber, isObject, lenient, textList, textOrNull } from './fields.ts';
import { recordFormat } from './record-format.ts';
import type { StoredProgram } from './stored-program.ts';

/** A value that survives JSON.stringify and JSON.parse unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The state of a search at one iteration: what a resume needs besides the journal after it. */
export interface Checkpoint {
  /** Also the number in the folder's name. */
  iteration: number;
  bestProgramId: string | null;
  /** Program ids by island. */
  islands: string[][];
  /** By island: from the key of a cell to the id of the program in it. */
  islandFeatureMaps: Record<string, string>[];
  /** Program ids. */
  archive: string[];
  islandBestPrograms: (string | null)[];
  islandGenerations: number[];
  currentIsland: number;
  lastMigrationGeneration: number;
  /** What has been seen of each feature dimension. */
  featureStats: Record<string, { min: number; max: number }>;
  /** kai's own state; null in a checkpoint of another writer. */
  controller: Json;
  programs: StoredProgram[];
}

/** metadata.json: the checkpoint without its programs. */
export type CheckpointMetadata = Omit<Checkpoint, 'programs'>;

const listOf = <Item>(item: z.ZodType<Item>, read: (value: unknown) => Item[]) =>
  lenient(z.array(item) as z.ZodType<Item[], Item[]>, (value) => (Array.isArray(value) ? value.flatMap(read) : []));

const idMap = z.record(z.string(), z.string());

const featureStats = lenient(z.record(z.string(), z.object({ min: z.number(), max: z.number() })), (value) =>
  Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).flatMap(([name, stats]) =>
      isObject(stats) && isFiniteNumber(stats.min) && isFiniteNumber(stats.max)
        ? [[name, { min: stats.min, max: stats.max }]]
        : [],
    ),
  ),
);

const format = recordFormat(
  'metadata.json of a checkpoint',
  z.object({
    lastIteration: countOr(0),
    bestProgramId: textOrNull,
    islands: listOf(z.array(z.string()), (value) => [texts(value)]),
    islandFeatureMaps: listOf(idMap, (value) => [textsByKey(value)]),
    archive: textList,
    islandBestPrograms: listOf(z.string().nullable(), (value) => [typeof value === 'string' ? value : null]),
    islandGenerations: listOf(z.number(), (value) => [isFiniteNumber(value) ? value : 0]),
    currentIsland: countOr(0),
    lastMigrationGeneration: countOr(0),
    featureStats,
    kai: lenient(z.json(), (value) => (value ?? null) as Json),
  }),
);

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function textsByKey(value: unknown): Record<string, string> {
  const entries = Object.entries(isObject(value) ? value : {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** The object of metadata.json, in OpenEvolve's layout with kai's state under `kai`. @throws RunStateError `format` */
export function encodeCheckpointMetadata(checkpoint: CheckpointMetadata): Record<string, unknown> {
  const { iteration, controller, ...rest } = checkpoint;
  return format.encode({ ...rest, lastIteration: iteration, kai: controller });
}

/**
 * No key is required. The one `feature_map` of older versions of OpenEvolve is told apart by island; cells of programs that
 * stand on none are island 0's. @throws RunStateError `format` when the value is not an object.
 */
export function parseCheckpointMetadata(value: unknown): CheckpointMetadata {
  const { lastIteration, kai, islandFeatureMaps, ...rest } = format.decode(value);
  const { feature_map, island_feature_maps } = value as Record<string, unknown>;
  const isOld = island_feature_maps === undefined && isObject(feature_map);
  return {
    ...rest,
    islandFeatureMaps: isOld ? byIsland(textsByKey(feature_map), rest.islands) : islandFeatureMaps,
    iteration: lastIteration,
    controller: kai,
  };
}

function byIsland(cells: Record<string, string>, islands: string[][]): Record<string, string>[] {
  const maps: Record<string, string>[] = Array.from({ length: Math.max(1, islands.length) }, () => ({}));
  for (const [key, id] of Object.entries(cells)) {
    const island = Math.max(
      0,
      islands.findIndex((ids) => ids.includes(id)),
    );
    maps[island]![key] = id;
  }
  return maps;
}
