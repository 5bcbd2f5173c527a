import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Checkpoint } from './checkpoint-format.ts';
import { readCheckpointSteps } from './checkpoint-steps.ts';
import { listCheckpoints, readCheckpoint, writeCheckpoint } from './checkpoints.ts';
import type { RunProblem } from './run-state.ts';
import type { StoredProgram } from './stored-program.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kai-checkpoints-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const program = (id: string, fields: Partial<StoredProgram> = {}): StoredProgram => ({
  id,
  code: `// ${id}\n`,
  language: 'javascript',
  parentId: null,
  generation: 1,
  timestamp: 1795380000.5,
  iterationFound: 3,
  metrics: { combined_score: 0.5, broken: Number.NaN },
  complexity: 12,
  diversity: 0.25,
  island: 1,
  score: 0.5,
  changes: 'Change 1',
  artifacts: { stderr: 'text' },
  ...fields,
});

const checkpoint: Checkpoint = {
  iteration: 10,
  bestProgramId: 'b',
  islands: [['a'], ['b', 'b~1']],
  islandFeatureMaps: [{ '1-2': 'a' }, { '0-0': 'b' }],
  archive: ['b'],
  islandBestPrograms: ['a', null],
  islandGenerations: [4, 5],
  currentIsland: 1,
  lastMigrationGeneration: 3,
  featureStats: { complexity: { min: 10, max: 90.5 } },
  controller: { nextIteration: 12, nested: [null, true, 'x'] },
  programs: [program('a'), program('b', { score: null, changes: null, artifacts: {} }), program('b~1')],
};

const at = (...path: string[]) => join(dir, 'checkpoints', ...path);
const options = { extension: '.js', now: () => 2000 };

test('what writeCheckpoint wrote is what readCheckpoint reads', async () => {
  expect(await writeCheckpoint(dir, checkpoint, options)).toBe(at('checkpoint_10'));
  expect(await readCheckpoint(dir, 10)).toEqual(checkpoint);
  expect(readdirSync(at())).toEqual(['checkpoint_10']);
});

test('a checkpoint has OpenEvolve’s layout', async () => {
  await writeCheckpoint(dir, { ...checkpoint, bestProgramId: 'a' }, options);
  expect(readdirSync(at('checkpoint_10'))).toEqual([
    'best_program.js',
    'best_program_info.json',
    'metadata.json',
    'programs',
  ]);
  expect(Object.keys(JSON.parse(readFileSync(at('checkpoint_10/metadata.json'), 'utf8'))).sort()).toEqual([
    'archive',
    'best_program_id',
    'current_island',
    'feature_stats',
    'island_best_programs',
    'island_feature_maps',
    'island_generations',
    'islands',
    'kai',
    'last_iteration',
    'last_migration_generation',
  ]);
  expect(JSON.parse(readFileSync(at('checkpoint_10/programs/a.json'), 'utf8'))).toEqual({
    id: 'a',
    code: '// a\n',
    language: 'javascript',
    parent_id: null,
    generation: 1,
    timestamp: 1795380000.5,
    iteration_found: 3,
    metrics: { combined_score: 0.5, broken: null },
    complexity: 12,
    diversity: 0.25,
    metadata: { island: 1, score: 0.5, changes: 'Change 1' },
    prompts: null,
    artifacts_json: '{"stderr":"text"}',
    artifact_dir: null,
    embedding: null,
  });
  expect(JSON.parse(readFileSync(at('checkpoint_10/best_program_info.json'), 'utf8'))).toEqual({
    id: 'a',
    generation: 1,
    iteration: 3,
    current_iteration: 10,
    timestamp: 1795380000.5,
    parent_id: null,
    metrics: { combined_score: 0.5, broken: null },
    language: 'javascript',
    saved_at: 2000,
  });
});

test('programs of the checkpoint before are hard links, new ones are files of their own', async () => {
  await writeCheckpoint(dir, checkpoint, options);
  const next = { ...checkpoint, iteration: 20, programs: [program('b'), program('c')] };
  await writeCheckpoint(dir, next, { ...options, previous: 10 });
  expect(statSync(at('checkpoint_20/programs/b.json')).ino).toBe(statSync(at('checkpoint_10/programs/b.json')).ino);
  expect(statSync(at('checkpoint_20/programs/c.json')).nlink).toBe(1);
  rmSync(at('checkpoint_10'), { recursive: true });
  expect((await readCheckpoint(dir, 20)).programs.map(({ id }) => id)).toEqual(['b', 'c']);
});

test('a checkpoint before that is gone costs nothing but the links', async () => {
  await writeCheckpoint(dir, checkpoint, { ...options, previous: 5 });
  expect(await readCheckpoint(dir, 10)).toEqual(checkpoint);
});

test('a checkpoint of the same iteration is replaced', async () => {
  await writeCheckpoint(dir, checkpoint, options);
  const later = { ...checkpoint, bestProgramId: 'c', programs: [program('c')] };
  await writeCheckpoint(dir, later, { ...options, previous: 10 });
  expect(await readCheckpoint(dir, 10)).toEqual(later);
  expect(readdirSync(at())).toEqual(['checkpoint_10']);
});

test('what a crash left behind is removed at the next write', async () => {
  mkdirSync(at('.checkpoint_7.99.tmp', 'programs'), { recursive: true });
  mkdirSync(at('kept'));
  await writeCheckpoint(dir, checkpoint, options);
  expect(readdirSync(at()).sort()).toEqual(['checkpoint_10', 'kept']);
});

test('a checkpoint that a crash left between the two renames of its replacement is put back', async () => {
  await writeCheckpoint(dir, checkpoint, options);
  renameSync(at('checkpoint_10'), at('.checkpoint_10.99.old'));
  await writeCheckpoint(dir, { ...checkpoint, iteration: 20 }, options);
  expect(await listCheckpoints(dir)).toEqual([10, 20]);
  expect(await readCheckpoint(dir, 10)).toEqual(checkpoint);
});

test('a checkpoint that cannot be written is not there, and nothing is left of it', async () => {
  const twice = { ...checkpoint, programs: [program('a'), program('a')] };
  await expect(writeCheckpoint(dir, twice, options)).rejects.toThrow();
  const outside = { ...checkpoint, programs: [program('../../x')] };
  await expect(writeCheckpoint(dir, outside, options)).rejects.toThrow(/cannot be a file name/);
  expect(readdirSync(at())).toEqual([]);
});

test('checkpoints are listed by number, and only whole ones', async () => {
  for (const iteration of [100, 20, 3]) await writeCheckpoint(dir, { ...checkpoint, iteration }, options);
  mkdirSync(at('checkpoint_40/programs'), { recursive: true });
  mkdirSync(at('checkpoint_x'));
  writeFileSync(at('checkpoint_40/metadata.json'), '{"islands": [["a"], ');
  expect(await listCheckpoints(dir)).toEqual([3, 20, 100]);
  expect(await listCheckpoints(join(dir, 'none'))).toEqual([]);
});

test('a missing checkpoint is an error that says so', async () => {
  await expect(readCheckpoint(dir, 5)).rejects.toMatchObject({ code: 'missing' });
});

test('a program file that cannot be read is left out and named', async () => {
  await writeCheckpoint(dir, checkpoint, options);
  writeFileSync(at('checkpoint_10/programs/a.json'), '{"id": "a", "co');
  const problems: RunProblem[] = [];
  const { programs } = await readCheckpoint(dir, 10, { onProblem: (problem) => problems.push(problem) });
  expect(programs.map(({ id }) => id)).toEqual(['b', 'b~1']);
  expect(problems).toMatchObject([{ file: 'checkpoints/checkpoint_10/programs/a.json', line: null }]);
});

test('an OpenEvolve checkpoint is read: NaN, texts among the metrics, no kai state', async () => {
  mkdirSync(at('checkpoint_50/programs'), { recursive: true });
  writeFileSync(
    at('checkpoint_50/metadata.json'),
    `{"island_feature_maps": [{"3-4": "p1"}], "islands": [["p1"]], "archive": ["p1"], "best_program_id": "p1",
      "island_best_programs": ["p1"], "last_iteration": 50, "current_island": 0, "island_generations": [7],
      "last_migration_generation": 0, "feature_stats": {"size": {"min": 1.0, "max": 9.0, "values": [1.0, 9.0]}}}`,
  );
  writeFileSync(
    at('checkpoint_50/programs/p1.json'),
    `{"id": "p1", "code": "x = 1", "changes_description": "", "language": "python", "parent_id": null, "generation": 0,
      "timestamp": 1700000000.5, "iteration_found": 0, "metrics": {"accuracy": 0.5, "speed": NaN, "size": 9.0, "note": "hi"},
      "complexity": 5.0, "diversity": 0.0, "metadata": {"island": 0}, "prompts": null, "artifacts_json": null,
      "artifact_dir": null, "embedding": null}`,
  );
  const read = await readCheckpoint(dir, 50);
  expect(read).toMatchObject({ iteration: 50, controller: null, featureStats: { size: { min: 1, max: 9 } } });
  expect(read.programs).toMatchObject([
    { id: 'p1', score: 0.5, metrics: { accuracy: 0.5, speed: Number.NaN, size: 9 }, artifacts: {}, changes: null },
  ]);
});

test('the steps of a run are its checkpoints, with the best of each', async () => {
  await writeCheckpoint(dir, { ...checkpoint, bestProgramId: 'a' }, options);
  const better = program('c', { score: 0.75 });
  await writeCheckpoint(dir, { ...checkpoint, iteration: 20, bestProgramId: 'c', programs: [better] }, options);
  expect(await readCheckpointSteps(dir)).toEqual([
    { step: 10, best: 0.5, bestProgramId: 'a', programs: 3 },
    { step: 20, best: 0.75, bestProgramId: 'c', programs: 1 },
  ]);
  expect(await readCheckpointSteps(join(dir, 'none'))).toEqual([]);
});

test('a step without a stored best takes best_program_info.json, then the best of its programs', async () => {
  const programs = [program('low', { score: 1 }), program('high', { score: 9 }), program('none', { score: null })];
  await writeCheckpoint(dir, { ...checkpoint, bestProgramId: null, programs }, options);
  expect(existsSync(at('checkpoint_10/best_program_info.json'))).toBe(false);
  expect(await readCheckpointSteps(dir)).toMatchObject([{ best: 9, bestProgramId: 'high' }]);
  expect(await readCheckpointSteps(dir, { direction: 'minimize' })).toMatchObject([{ best: 1, bestProgramId: 'low' }]);
  writeFileSync(at('checkpoint_10/best_program_info.json'), '{"id": "gone", "metrics": {"combined_score": 12}}');
  expect(await readCheckpointSteps(dir)).toMatchObject([{ best: 12, bestProgramId: 'gone' }]);
});
