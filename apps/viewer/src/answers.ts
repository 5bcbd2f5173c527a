import { createHash, randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import { errorJson, errorPage } from './error-page.ts';
import type { RequestError } from './request-errors.ts';

// A viewer of another version renders the same facts differently, so the tags of two processes must differ.
const salt = randomUUID();

/** The ETag of an answer that these facts decide. */
export function tagOf(...facts: unknown[]): string {
  return `"${createHash('sha256')
    .update(JSON.stringify([salt, ...facts]))
    .digest('hex')
    .slice(0, 24)}"`;
}

/** Answers 304 when the client has what `tag` stands for. By hand: hono's `etag` would hold back a whole event stream. */
export function tagged(
  c: Context,
  tag: string,
  answer: () => Response | Promise<Response>,
): Response | Promise<Response> {
  c.header('ETag', tag);
  const known = c.req.header('if-none-match')?.split(',') ?? [];
  return known.some((each) => each.trim().replace(/^W\//, '') === tag) ? c.body(null, 304) : answer();
}

/** Answers an error in the one shape that it has, as JSON where JSON was asked for. */
export function answerError(c: Context, error: RequestError): Response | Promise<Response> {
  const wantsJson = c.req.path.endsWith('.json') || /^application\/json\b/.test(c.req.header('accept') ?? '');
  c.header('Cache-Control', 'no-store');
  return wantsJson ? c.json(errorJson(error), error.status) : c.html(errorPage(error), error.status);
}
