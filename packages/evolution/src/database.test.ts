import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evolutionConfigSchema } from './config.ts';
import { Database, type ScoredProgram } from './database.ts';
import { randomFrom, seedFor } from './random.ts';

function database(settings: Record<string, unknown> = {}, direction: 'maximize' | 'minimize' = 'maximize') {
  return new Database(evolutionConfigSchema.parse({ database: settings }).database, direction);
}

function program(iteration: number, score: number, overrides: Partial<ScoredProgram> = {}): ScoredProgram {
  return {
    id: `p${iteration}`,
    code: `x = ${iteration}`,
    parentId: null,
    island: 0,
    generation: 0,
    iteration,
    ts: 0,
    metrics: { combined_score: score },
    score,
    changes: null,
    artifacts: {},
    ...overrides,
  };
}

const ids = (programs: Iterable<{ id: string }>) => [...programs].map(({ id }) => id);

describe('Database', () => {
  test('the first program settles on every island', () => {
    const db = database({ num_islands: 3 });
    db.add(program(0, 1));
    expect(db.islands.map(({ ranking }) => ids(ranking.programs))).toEqual([['p0'], ['p0~1'], ['p0~2']]);
  });

  test('the best is the highest score, or the lowest when minimizing, and the earlier of equals', () => {
    for (const [direction, best] of [
      ['maximize', 'p1'],
      ['minimize', 'p3'],
    ] as const) {
      const db = database({ num_islands: 1 }, direction);
      for (const [iteration, score] of [2, 5, 5, -1].entries()) db.add(program(iteration, score));
      expect(db.best?.id).toBe(best);
    }
  });

  test('each cell of an island keeps its best program', () => {
    const db = database({ num_islands: 1, feature_dimensions: ['size'], feature_bins: 2 });
    const sized = (iteration: number, score: number, size: number) =>
      db.add(program(iteration, score, { metrics: { combined_score: score, size } }));
    sized(0, 1, 0);
    sized(1, 5, 10);
    sized(2, 3, 9);
    sized(3, 2, 1);
    expect(Object.fromEntries([...db.islands[0]!.grid].map(([cell, { id }]) => [cell, id]))).toEqual({
      0: 'p3',
      1: 'p1',
    });
  });

  test('cells are filed anew when a feature leaves the range seen so far', () => {
    const db = database({ num_islands: 1, feature_dimensions: ['size'], feature_bins: 2 });
    for (const [iteration, size] of [0, 10, 100].entries()) {
      db.add(program(iteration, iteration, { metrics: { combined_score: iteration, size } }));
    }
    expect([...db.islands[0]!.grid].map(([cell, { id }]) => [cell, id])).toEqual(
      expect.arrayContaining([
        ['1', 'p2'],
        ['0', 'p1'],
      ]),
    );
    expect(db.islands[0]!.grid.size).toBe(2);
  });

  test('has no place for a program without a metric that is a feature dimension', () => {
    const db = database({ feature_dimensions: ['speed', 'complexity'] });
    expect(db.hasPlaceFor({ combined_score: 1 })).toBe(false);
    expect(db.hasPlaceFor({ combined_score: 1, speed: 3 })).toBe(true);
  });

  test('a full population lets the worst go that hold no cell, and never the best', () => {
    const db = database({ num_islands: 1, population_size: 3, feature_dimensions: ['size'], feature_bins: 2 });
    const sized = (iteration: number, score: number, size: number) =>
      db.add(program(iteration, score, { metrics: { combined_score: score, size } }));
    sized(0, 9, 10);
    sized(1, 1, 0);
    sized(2, 5, 10);
    sized(3, 7, 10);
    // p1 is the worst of all but the only one of its cell; p2 is the worst of the rest.
    expect(ids(db.programs)).toEqual(['p0', 'p3', 'p1']);
  });

  test('at the migration interval the best of each island are copied to its neighbours on the ring', () => {
    const db = database({ num_islands: 4, migration_interval: 2, migration_rate: 0.1 });
    db.add(program(0, 1));
    db.add(program(1, 5, { island: 1 }));
    db.completeIteration(1);
    expect(ids(db.islands[0]!.ranking.programs)).toEqual(['p0']);
    db.completeIteration(1);
    expect(ids(db.islands[0]!.ranking.programs)).toEqual(['p1~0', 'p0']);
    expect(ids(db.islands[2]!.ranking.programs)).toEqual(['p1~2', 'p0~2']);
    expect(ids(db.islands[3]!.ranking.programs)).toEqual(['p0~3']);
  });

  test('a program does not migrate to where its code already is', () => {
    const db = database({ num_islands: 2, migration_interval: 1 });
    db.add(program(0, 1));
    db.completeIteration(0);
    db.completeIteration(0);
    expect(db.size).toBe(2);
  });

  test('sampling gives a parent of the island and inspirations that are not the parent', () => {
    const db = database({ num_islands: 2 });
    for (let i = 0; i < 40; i++) db.add(program(i, Math.sin(i), { island: i % 2, code: `x = ${'1'.repeat(i)}` }));
    for (let n = 0; n < 50; n++) {
      const random = randomFrom(seedFor(1, n, 'sample'));
      const { parent, inspirations } = db.sample(n % 2, { random, numTop: 3, numDiverse: 2 });
      expect(parent.island).toBe(n % 2);
      expect(inspirations).toHaveLength(5);
      expect(new Set([parent, ...inspirations]).size).toBe(6);
    }
  });

  test('exploitation draws from the archive, exploration from the whole island', () => {
    const db = database({ num_islands: 1, archive_size: 2, exploration_ratio: 0.5, exploitation_ratio: 0.5 });
    for (let i = 0; i < 30; i++) db.add(program(i, i));
    const parents = Array.from({ length: 200 }, (_, n) => {
      const random = randomFrom(seedFor(1, n, 'sample'));
      return db.sample(0, { random, numTop: 0, numDiverse: 0 }).parent.id;
    });
    const fromArchive = parents.filter((id) => id === 'p29' || id === 'p28').length;
    expect(fromArchive).toBeGreaterThan(80);
    expect(fromArchive).toBeLessThan(140);
    expect(new Set(parents).size).toBeGreaterThan(20);
  });

  test('an island without a program in the archive exploits its own best', () => {
    const settings = { num_islands: 2, archive_size: 2, exploration_ratio: 0, exploitation_ratio: 1 };
    const db = database(settings);
    for (let i = 0; i < 40; i++) db.add(program(i, i % 2 === 0 ? 100 + i : i, { island: i % 2 }));
    const parents = Array.from({ length: 50 }, (_, n) => {
      const random = randomFrom(seedFor(1, n, 'sample'));
      return db.sample(1, { random, numTop: 0, numDiverse: 0 }).parent.id;
    });
    // p0~1, the copy of the first program, scores 100 and leads the island.
    expect(new Set(parents)).toEqual(new Set(['p0~1', 'p39']));
  });

  test('a restored database is the same as the one that was saved, and goes on the same', () => {
    const scores = fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 1, max: 60 })), {
      minLength: 2,
      maxLength: 40,
    });
    const settings = { num_islands: 3, population_size: 12, migration_interval: 3, feature_bins: 3 };
    fc.assert(
      fc.property(scores, fc.nat(), (programs, cut) => {
        const at = 1 + (cut % (programs.length - 1));
        const run = (db: Database, from: number, to: number) => {
          for (let i = from; i < to; i++) {
            const [score, length] = programs[i]!;
            db.add(program(i, score, { island: i % 3, code: `x = ${i} ${'+ y '.repeat(length)}` }));
            db.completeIteration(i % 3);
          }
          return db;
        };
        const whole = run(database(settings), 0, programs.length);
        const before = run(database(settings), 0, at);
        const restored = database(settings);
        restored.restore(before.programs.toReversed(), JSON.parse(JSON.stringify(before.memory)));
        run(restored, at, programs.length);
        expect(restored.programs).toEqual(whole.programs);
        expect(restored.memory).toEqual(whole.memory);
        expect(restored.islands.map(({ grid }) => Object.fromEntries(grid))).toEqual(
          whole.islands.map(({ grid }) => Object.fromEntries(grid)),
        );
      }),
      { numRuns: 50 },
    );
  });
});
