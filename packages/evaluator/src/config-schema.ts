import { z } from 'zod';

/** setTimeout holds its delay in 31 bits of milliseconds and fires at once beyond them: about 24.8 days. */
const MAX_TIMEOUT_SECONDS = 2_147_483;

/**
 * The `evaluator` section of a configuration file; its output are options of `createEvaluator`.
 *
 * - `timeout`: seconds that one evaluation may take, default 300 (OpenEvolve's)
 * - `parallel_evaluations`: evaluations at a time, default 1 (OpenEvolve's: timings disturb each other beyond that), at
 *   most 256
 * - `max_output_bytes`: how much of standard output, and of standard error, is kept as an artifact, default 65536
 *
 * Unknown keys are an error. A missing section (undefined) gives the defaults.
 */
export const evaluatorConfigSchema = z
  .strictObject({
    timeout: z.number().positive().max(MAX_TIMEOUT_SECONDS).default(300),
    parallel_evaluations: z.int().min(1).max(256).default(1),
    max_output_bytes: z.int().min(0).max(10_000_000).default(65_536),
  })
  .prefault({})
  .transform((section) => ({
    timeoutMs: section.timeout * 1000,
    concurrency: section.parallel_evaluations,
    maxOutputBytes: section.max_output_bytes,
  }));

export type EvaluatorConfig = z.output<typeof evaluatorConfigSchema>;
