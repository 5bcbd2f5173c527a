import { z } from 'zod';

const fault = { message: z.string(), stack: z.string() };

/** What a runner says once its evaluator is, or could not be, imported. */
const readinessSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('load_failed'), ...fault }),
  z.object({ type: z.literal('no_evaluate'), found: z.string() }),
]);

/**
 * What a runner says about its one job. `started` comes first and shows that a death from then on is the program's. A
 * metric is `[name, type, value]`; a number that is not finite is a text.
 */
const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started') }),
  z.object({
    type: z.literal('result'),
    metrics: z.array(z.tuple([z.string(), z.string(), z.union([z.number(), z.string()])])),
    artifacts: z.array(z.tuple([z.string(), z.string()])),
  }),
  z.object({ type: z.literal('invalid'), found: z.string() }),
  z.object({ type: z.literal('unreadable'), ...fault }),
  z.object({ type: z.literal('too_large'), bytes: z.number(), limit: z.number() }),
  z.object({ type: z.literal('threw'), background: z.boolean(), ...fault }),
  z.object({ type: z.literal('never_settled') }),
]);

export type Readiness = z.infer<typeof readinessSchema>;
export type JobMessage = z.infer<typeof messageSchema>;
export type Answer = Exclude<JobMessage, { type: 'started' }>;

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The readiness that a line holds; null for any other line. */
export function parseReadiness(line: string): Readiness | null {
  return readinessSchema.safeParse(parseJson(line)).data ?? null;
}

/** The message that a line holds; null for a line without this job's nonce, which the runner did not write. */
export function parseJobMessage(line: string, nonce: string): JobMessage | null {
  const value = parseJson(line);
  if (value === null || typeof value !== 'object' || !('nonce' in value) || value.nonce !== nonce) return null;
  return messageSchema.safeParse(value).data ?? null;
}
