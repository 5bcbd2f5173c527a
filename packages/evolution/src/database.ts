import type { DatabaseConfig } from './config.ts';
import { diversityOf, missingFeature, type Signature, signatureOf } from './features.ts';
import { cellOf, type FeatureRanges, widenRanges } from './grid.ts';
import type { Direction } from './interfaces.ts';
import type { Program } from './program.ts';
import { pick, type Random } from './random.ts';
import { Ranking } from './ranking.ts';

/** A population of its own, with a MAP-Elites grid (Mouret & Clune 2015): the best program of each cell. */
export interface Island {
  ranking: Ranking;
  /** Cell key to the cell's elite. */
  grid: Map<string, Program>;
  /** Iterations completed on this island. */
  generation: number;
}

/** A program that was scored and has no place in the database yet. */
export type ScoredProgram = Omit<Program, 'complexity' | 'diversity' | 'lastFailure'>;

/** What the members of the database do not tell. Part of every checkpoint. */
export interface DatabaseMemory {
  ranges: FeatureRanges;
  references: Signature[];
  islandGenerations: number[];
  lastMigrationGeneration: number;
}

const TOURNAMENT_SIZE = 3;

/**
 * The island database: what is good and odd, and what to build on next.
 *
 * Islands that evolve apart and exchange their best after a number of generations follow FunSearch (Romera-Paredes et
 * al. 2023) and AlphaEvolve (2025); the grid of each island is MAP-Elites. The state is a function of the members, the
 * feature ranges, the reference set and the generations, whatever the order of arrival, so that it can be rebuilt.
 */
export class Database {
  readonly islands: Island[];
  readonly #config: DatabaseConfig;
  readonly #ranking: Ranking;
  readonly #programs = new Map<string, Program>();
  #ranges: FeatureRanges = {};
  #references: Signature[] = [];
  #lastMigrationGeneration = 0;

  constructor(config: DatabaseConfig, direction: Direction) {
    this.#config = config;
    this.#ranking = new Ranking(direction);
    this.islands = Array.from({ length: config.num_islands }, () => ({
      ranking: new Ranking(direction),
      grid: new Map(),
      generation: 0,
    }));
  }

  get size(): number {
    return this.#programs.size;
  }

  get best(): Program | null {
    return this.#ranking.best;
  }

  /** The best programs of all islands, at most `archive_size`. */
  get archive(): readonly Program[] {
    return this.#ranking.programs.slice(0, this.#config.archive_size);
  }

  /** Every member, best first. */
  get programs(): readonly Program[] {
    return this.#ranking.programs;
  }

  get memory(): DatabaseMemory {
    return {
      ranges: structuredClone(this.#ranges),
      references: this.#references,
      islandGenerations: this.islands.map((island) => island.generation),
      lastMigrationGeneration: this.#lastMigrationGeneration,
    };
  }

  get(id: string): Program | undefined {
    return this.#programs.get(id);
  }

  /** Whether a program with these metrics can be filed: none of the feature dimensions is missing. */
  hasPlaceFor(metrics: Record<string, number>): boolean {
    return missingFeature(metrics, this.#config.feature_dimensions) === undefined;
  }

  /** Rebuilds an empty database from the members and the memory of another. */
  restore(programs: Iterable<Program>, memory: DatabaseMemory): void {
    this.#ranges = structuredClone(memory.ranges);
    this.#references = [...memory.references];
    this.#lastMigrationGeneration = memory.lastMigrationGeneration;
    for (const [index, island] of this.islands.entries()) island.generation = memory.islandGenerations[index] ?? 0;
    for (const program of programs) this.#insert(program);
  }

  /** Measures a scored program's features and gives it its place; the first program settles on every island. */
  add(scored: ScoredProgram): Program {
    const signature = signatureOf(scored.code);
    const program: Program = {
      ...scored,
      complexity: scored.code.length,
      diversity: diversityOf(signature, this.#references),
      lastFailure: null,
    };
    if (this.#references.length < this.#config.diversity_reference_size) this.#references.push(signature);
    const first = this.size === 0;
    this.#insert(program);
    if (first) {
      for (const index of this.islands.keys()) if (index !== program.island) this.#copyTo(index, program);
    }
    this.#evict();
    return program;
  }

  /** Counts one completed iteration on an island and lets the islands exchange programs when it is time. */
  completeIteration(islandIndex: number): void {
    const island = this.islands[islandIndex]!;
    island.generation++;
    const oldest = Math.max(...this.islands.map(({ generation }) => generation));
    if (this.islands.length < 2 || oldest - this.#lastMigrationGeneration < this.#config.migration_interval) return;
    this.#lastMigrationGeneration = oldest;
    this.#migrate();
    this.#evict();
  }

  /** Chooses the program to build on and others to show beside it, from one island. Throws on an empty database. */
  sample(
    islandIndex: number,
    { random, numTop, numDiverse }: { random: Random; numTop: number; numDiverse: number },
  ): { parent: Program; inspirations: Program[] } {
    const island = this.islands[islandIndex]!;
    const parent = this.#sampleParent(island, islandIndex, random);
    const elite = Math.max(1, Math.ceil(island.ranking.size * this.#config.elite_selection_ratio));
    const top = island.ranking.programs.slice(0, Math.max(elite, numTop + 1)).filter((program) => program !== parent);
    const inspirations = top.slice(0, 1);
    const addFrom = (pool: Program[], wanted: number) => {
      const rest = pool.filter((program) => !inspirations.includes(program) && program !== parent);
      for (let added = 0; added < wanted && rest.length > 0; added++) {
        inspirations.push(...rest.splice(Math.floor(random() * rest.length), 1));
      }
    };
    addFrom(top, numTop - inspirations.length);
    addFrom([...island.grid.values()].sort(island.ranking.compare), numDiverse);
    return { parent, inspirations: inspirations.slice(0, numTop + numDiverse) };
  }

  #sampleParent(island: Island, islandIndex: number, random: Random): Program {
    const members = island.ranking.programs;
    const { exploration_ratio: exploration, exploitation_ratio: exploitation } = this.#config;
    const share = random();
    let parent: Program | undefined;
    if (share < exploration) {
      parent = pick(members, random);
    } else if (share < exploration + exploitation) {
      // An island that is behind the others has nothing in the archive: it builds on its own best.
      const archived = this.archive.filter((program) => program.island === islandIndex);
      parent = pick(archived.length > 0 ? archived : members.slice(0, this.#config.archive_size), random);
    }
    // Fitness-weighted: the best of a few drawn evenly, which needs no assumption on the scale of scores.
    parent ??=
      members[Math.min(...Array.from({ length: TOURNAMENT_SIZE }, () => Math.floor(random() * members.length)))];
    if (!parent) throw new RangeError(`Island ${islandIndex} holds no program to build on.`);
    return parent;
  }

  #insert(program: Program): void {
    this.#programs.set(program.id, program);
    this.#ranking.insert(program);
    const island = this.islands[program.island]!;
    island.ranking.insert(program);
    const dimensions = this.#config.feature_dimensions;
    if (widenRanges(this.#ranges, program, dimensions)) {
      for (const each of this.islands) {
        each.grid.clear();
        for (const member of each.ranking.programs) this.#file(each, member);
      }
    } else {
      this.#file(island, program);
    }
  }

  /** Puts a program in its cell unless a better one holds it. */
  #file(island: Island, program: Program): void {
    const cell = cellOf(program, this.#ranges, {
      dimensions: this.#config.feature_dimensions,
      bins: this.#config.feature_bins,
    });
    const elite = island.grid.get(cell);
    if (!elite || island.ranking.compare(program, elite) < 0) island.grid.set(cell, program);
  }

  /** Each island sends copies of its best to its two neighbours on the ring. */
  #migrate(): void {
    const parties = this.islands.map(({ ranking }) =>
      ranking.programs.slice(0, Math.max(1, Math.floor(ranking.size * this.#config.migration_rate))),
    );
    const count = this.islands.length;
    for (const [index, party] of parties.entries()) {
      for (const target of new Set([(index + 1) % count, (index + count - 1) % count])) {
        for (const program of party) this.#copyTo(target, program);
      }
    }
  }

  #copyTo(islandIndex: number, program: Program): void {
    const origin = program.id.replace(/~\d+$/, '');
    const id = `${origin}~${islandIndex}`;
    const settled = this.islands[islandIndex]!.ranking.programs.some((member) => member.code === program.code);
    if (!settled && !this.#programs.has(id)) this.#insert({ ...program, id, island: islandIndex });
  }

  /** Lets the worst go until the population fits: elites of a cell last, the best never. */
  #evict(): void {
    while (this.size > this.#config.population_size) {
      const worstFirst = this.#ranking.programs.toReversed();
      const victim =
        worstFirst.find((program) => !this.#isElite(program)) ??
        worstFirst.find((program) => program !== this.best && this.islands[program.island]!.ranking.size > 1);
      if (!victim) return;
      this.#remove(victim);
    }
  }

  #isElite(program: Program): boolean {
    const cell = cellOf(program, this.#ranges, {
      dimensions: this.#config.feature_dimensions,
      bins: this.#config.feature_bins,
    });
    return this.islands[program.island]!.grid.get(cell) === program;
  }

  #remove(program: Program): void {
    const island = this.islands[program.island]!;
    const wasElite = this.#isElite(program);
    this.#programs.delete(program.id);
    this.#ranking.delete(program);
    island.ranking.delete(program);
    if (!wasElite) return;
    island.grid.clear();
    for (const member of island.ranking.programs) this.#file(island, member);
  }
}
