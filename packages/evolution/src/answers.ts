import { z } from 'zod';
import type { Evaluation, Proposal, Usage } from './interfaces.ts';

// What proposers and evaluators answer is checked once, here, where it enters: a fault of theirs costs the iteration with its
// reason, and never the run.

const count = z.number().int().nonnegative().nullable();

const usageSchema: z.ZodType<Usage> = z.object({
  ts: z.number(),
  model: z.string(),
  inputTokens: count,
  outputTokens: count,
  costUsd: z.number().nonnegative().nullable(),
  latencyMs: z.number().nonnegative(),
  ok: z.boolean(),
  error: z.string().nullable(),
});

const proposalSchema: z.ZodType<Proposal> = z.object({
  text: z.string(),
  model: z.string().nullable(),
  usage: z.array(usageSchema),
});

const evaluationSchema: z.ZodType<Evaluation> = z.object({
  metrics: z.record(z.string(), z.number()),
  artifacts: z.record(z.string(), z.string()),
  error: z.object({ kind: z.string(), message: z.string() }).nullable(),
  durationMs: z.number().nonnegative(),
});

/** Throws an Error that names each fault of a proposal. */
export function checkProposal(value: unknown): Proposal {
  return check(proposalSchema, value, 'The proposer answered with something that is no proposal');
}

/** An evaluation that is none, a metric that is not finite for example, becomes a failed one that says why. */
export function checkEvaluation(value: unknown): Evaluation {
  try {
    return check(evaluationSchema, value, 'The evaluator answered with something that is no evaluation');
  } catch (error) {
    const invalid = { kind: 'invalid_result', message: (error as Error).message };
    return { metrics: {}, artifacts: {}, error: invalid, durationMs: 0 };
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  throw new Error(`${what}. ${faults.join('; ')}`);
}
