import { z } from 'zod';
import { sortKeys } from './load-overview.ts';
import { RequestError } from './request-errors.ts';

export const overviewQuery = z.object({
  q: z.string().max(200).default(''),
  sort: z.enum(sortKeys).default('recent'),
  dir: z.enum(['asc', 'desc']).default('desc'),
});

export const runQuery = z.object({
  step: z
    .string()
    .regex(/^\d{1,9}$/, 'expected a whole number')
    .transform(Number)
    .nullable()
    .default(null),
});

export const liveQuery = z.object({ view: z.enum(['wide', 'narrow']).nullable().default(null) });

/** @throws RequestError 400 that names the parameter */
export function parseQuery<T>(schema: z.ZodType<T>, query: Record<string, string>): T {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new RequestError(400, 'bad_request', `The query parameter ${issue.path.join('.')} is wrong: ${issue.message}.`);
}
