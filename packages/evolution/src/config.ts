import { z } from 'zod';

const share = z.number().min(0).max(1);
const count = z.number().int().positive();

const databaseSchema = z
  .strictObject({
    population_size: count.default(1000).describe('Scored programs kept in memory; all stay in programs.jsonl.'),
    archive_size: count.default(100).describe('How many of the best programs exploitation picks parents from.'),
    num_islands: count.default(5),
    feature_dimensions: z
      .array(z.string().min(1))
      .min(1)
      .default(['complexity', 'diversity'])
      .describe('Axes of the MAP-Elites grids: complexity, diversity, score, or any metric.'),
    feature_bins: count.default(10).describe('Cells per axis.'),
    diversity_reference_size: count.default(20).describe('How many early programs diversity is measured against.'),
    migration_interval: count.default(50).describe('Generations of an island between migrations.'),
    migration_rate: share.default(0.1).describe('Share of an island that is copied to each neighbour.'),
    exploration_ratio: share.default(0.2).describe('Share of parents drawn evenly from the island.'),
    exploitation_ratio: share.default(0.7).describe('Share of parents drawn from the archive; the rest by tournament.'),
    elite_selection_ratio: share.default(0.1).describe('The top share of an island that inspirations come from.'),
  })
  .refine((database) => database.exploration_ratio + database.exploitation_ratio <= 1 + 1e-9, {
    message: 'exploration_ratio and exploitation_ratio must not add up to more than 1',
    path: ['exploitation_ratio'],
  });

const promptSchema = z.strictObject({
  system_message: z
    .string()
    .default('You are an expert programmer. You improve a program step by step so that its score gets better.'),
  num_top_programs: z.number().int().nonnegative().default(3),
  num_diverse_programs: z.number().int().nonnegative().default(2),
});

/** The controller's part of kai.yaml: OpenEvolve's keys and defaults, plus `target_score`, `direction`, `reference_scores`. */
export const evolutionConfigSchema = z.strictObject({
  max_iterations: count.default(10_000).describe('In all, resumes included.'),
  checkpoint_interval: count.default(100),
  random_seed: z.number().int().nonnegative().default(42),
  language: z.string().optional().describe('Default: from the extension of the initial program.'),
  max_code_length: count.default(10_000).describe('Characters.'),
  direction: z
    .enum(['maximize', 'minimize'])
    .default('maximize')
    .describe('Whether a higher or a lower score is better.'),
  target_score: z.number().nullable().default(null).describe('Stop when the best score reaches it.'),
  reference_scores: z.record(z.string(), z.number()).default({}).describe('Known scores to draw beside the curve.'),
  max_consecutive_model_failures: count
    .default(10)
    .describe('Give up after so many proposals in a row that the model could not make.'),
  database: databaseSchema.prefault({}),
  prompt: promptSchema.prefault({}),
});

/** As parsed; the keys are those of the file. */
export type EvolutionConfig = z.output<typeof evolutionConfigSchema>;
export type DatabaseConfig = EvolutionConfig['database'];
