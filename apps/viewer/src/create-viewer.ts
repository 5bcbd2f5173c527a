import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { RunStateError } from '@kai/run-state';
import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { isAllowedHost } from './allowed-host.ts';
import { answerError, tagged, tagOf } from './answers.ts';
import { asset, assetNames } from './assets.ts';
import { streamRun } from './events.ts';
import { livePayload } from './live-payload.ts';
import { OverviewLoader } from './load-overview.ts';
import { findRun, loadRun, type RunPage, type RunSources, setupLinks } from './load-run.ts';
import { overviewJson } from './overview-json.ts';
import { overviewPage } from './overview-page.ts';
import { liveQuery, overviewQuery, parseQuery, runQuery } from './queries.ts';
import { NotFoundError, RequestError } from './request-errors.ts';
import { RunCatalog } from './run-catalog.ts';
import { drawRun } from './run-chart.ts';
import { RunDetailReader } from './run-details.ts';
import { liveJson, runJson } from './run-json.ts';
import { runPage } from './run-page.ts';
import { RunStates } from './run-states.ts';
import { picturePolicy, securityHeaders } from './security-headers.ts';
import { typedPath } from './typed-path.ts';

export interface ViewerOptions {
  /** A folder of runs, the folder of one label, or one run. It need not exist yet. */
  root: string;
  /** How a person starts kai, for the commands that pages tell them to type. Default `kai`. */
  command?: string;
  /** Names that a request's Host header may carry, beside the loopback ones; without ports. Default none. */
  allowedHosts?: readonly string[];
  /** Milliseconds between two looks at what no file event tells: the process, the clock. Default 1000. */
  pollMs?: number;
  /** Unix seconds. */
  now?: () => number;
  /** Hears of faults in the viewer itself, which a client only sees as status 500. Default: nobody does. */
  onError?: (error: unknown) => void;
}

export interface Viewer {
  /** Answers `app.request('/')` without a port, or serves through any adapter of hono. */
  readonly app: Hono;
  /** Ends every stream and watcher. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The viewer of the runs in `root`, not yet listening. It reads and never writes, and runs no code of a run.
 *
 * A missing root is an empty one. What cannot be read of a run is shown as its problems.
 */
export function createViewer(options: ViewerOptions): Viewer {
  const { root, command = 'kai', allowedHosts, pollMs, now = () => Date.now() / 1000, onError = () => {} } = options;
  const states = new RunStates({ now, pollMs });
  const sources: RunSources = {
    command,
    catalog: new RunCatalog(resolve(root)),
    states,
    details: new RunDetailReader(),
  };
  const overviews = new OverviewLoader(sources);
  const closing = new AbortController();
  // Each stream listens, and there may be any number of them.
  setMaxListeners(0, closing.signal);
  const endIdOf = (page: RunPage) => `end-${tagOf(liveJson(page)).slice(1, -1)}`;

  const app = new Hono();
  app.use(securityHeaders);
  app.use(async (c, next) => {
    const host = c.req.header('host') ?? new URL(c.req.url).host;
    if (!isAllowedHost(host, allowedHosts)) {
      throw new RequestError(
        403,
        'host',
        `This viewer answers on this machine only, as localhost or 127.0.0.1; the request was for ${JSON.stringify(host)}.`,
      );
    }
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      c.header('Allow', 'GET, HEAD');
      throw new RequestError(405, 'method', `This viewer only reads: ${c.req.method} is not answered.`);
    }
    c.header('Cache-Control', 'no-cache');
    await next();
  });

  const overviewOf = async (c: Context, label: string | null) => {
    const overview = await overviews.load({ ...parseQuery(overviewQuery, c.req.query()), label });
    return { overview, tag: tagOf(overview) };
  };
  const showOverview = async (c: Context, label: string | null) => {
    const { overview, tag } = await overviewOf(c, label);
    return tagged(c, tag, () => c.html(overviewPage(overview, { root: typedRoot(root), command, now: now() })));
  };
  const overviewTwin = async (c: Context, label: string | null) => {
    const { overview } = await overviewOf(c, label);
    const json = overviewJson(overview);
    return tagged(c, tagOf(json), () => c.json(json));
  };
  app.get('/', (c) => showOverview(c, null));
  app.get('/.json', (c) => overviewTwin(c, null));
  app.get('/setup/:file{[^/]+\\.json}', (c) => overviewTwin(c, withoutJson(c.req.param('file'))));
  app.get('/setup/:label', (c) => showOverview(c, c.req.param('label')));

  const load = (c: Context, idx: string) =>
    loadRun(sources, { ...placeOf(c, idx), ...parseQuery(runQuery, c.req.query()) });
  app.get('/setup/:label/run/:file{[^/]+\\.json}', async (c) => {
    const json = runJson(await load(c, withoutJson(c.req.param('file'))));
    return tagged(c, tagOf(json), () => c.json(json));
  });
  app.get('/setup/:label/run/:idx', async (c) => {
    return c.html(runPage(await load(c, c.req.param('idx')), now()));
  });
  app.get('/setup/:label/run/:idx/live.json', async (c) => {
    const { view } = parseQuery(liveQuery, c.req.query());
    const page = await loadRun(sources, placeOf(c, c.req.param('idx')));
    const {
      now: _,
      sections,
      ...facts
    } = livePayload(page, { view, now: 0 }) as ReturnType<typeof livePayload> & { now?: number; sections?: object };
    const tag = tagOf(facts, sections);
    return tagged(c, tag, () => c.json(livePayload(page, { view, now: now() })));
  });
  app.get('/setup/:label/run/:idx/trajectory.svg', async (c) => {
    const page = await loadRun(sources, placeOf(c, c.req.param('idx')));
    const svg = drawRun(page, 'standalone');
    return tagged(c, tagOf(svg), () =>
      c.body(svg, 200, {
        'Content-Type': 'image/svg+xml; charset=utf-8',
        'Content-Security-Policy': picturePolicy(svg),
      }),
    );
  });
  app.get('/setup/:label/run/:idx/events', async (c) => {
    const { view } = parseQuery(liveQuery, c.req.query());
    const { label, idx } = placeOf(c, c.req.param('idx'));
    const run = await findRun(sources.catalog, label, idx);
    // hono answers HEAD through GET: nobody would ever read, or leave, that stream.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' });
    const lastId = c.req.header('last-event-id');
    // An EventSource comes back after the end unless it is told that there is nothing more.
    if (lastId?.startsWith('end-') && lastId === endIdOf(await loadRun(sources, { label, idx })))
      return c.body(null, 204);
    return streamSSE(c, async (stream) => {
      const left = new AbortController();
      stream.onAbort(() => left.abort());
      const leave = () => stream.abort();
      closing.signal.addEventListener('abort', leave, { once: true });
      if (closing.signal.aborted) leave();
      try {
        await streamRun(stream, { run, sources }, { view, now, signal: left.signal, endId: endIdOf });
      } catch (error) {
        if (!left.signal.aborted) onError(error);
      } finally {
        closing.signal.removeEventListener('abort', leave);
      }
    });
  });
  for (const name of assetNames) {
    app.get(`/assets/${name}`, async (c) => {
      const { body, type, etag } = await asset(name);
      return tagged(c, etag, () => c.body(body, 200, { 'Content-Type': type }));
    });
  }

  app.notFound(async (c) => {
    const { pathname, search } = new URL(c.req.url);
    const page = slashed.exec(pathname)?.[1];
    if (page !== undefined) return c.redirect(`${page}${search}`, 308);
    const links = setupLinks(await sources.catalog.list());
    return answerError(c, new NotFoundError(`There is no page at ${c.req.path}.`, links));
  });
  app.onError((error, c) => {
    if (error instanceof RequestError) return answerError(c, error);
    if (error instanceof RunStateError && error.code === 'missing') {
      return answerError(c, new NotFoundError('That run was here and is gone.'));
    }
    onError(error);
    return answerError(
      c,
      new RequestError(500, 'internal', 'The viewer could not make this page. The run is not affected.'),
    );
  });

  const close = async () => {
    closing.abort();
    await states.close();
  };
  return { app, close, [Symbol.asyncDispose]: close };
}

/** The address of a page, with slashes behind it that do not belong there. */
const slashed = /^(\/setup\/[^/]+(?:\/run\/[^/]+)?)\/+$/;

function placeOf(c: Context, idx: string): { label: string; idx: number } {
  if (!/^(0|[1-9]\d{0,8})$/.test(idx))
    throw new NotFoundError(`A run is called by its number, not ${JSON.stringify(idx)}.`);
  return { label: c.req.param('label') ?? '', idx: Number(idx) };
}

function withoutJson(file: string): string {
  return file.slice(0, -'.json'.length);
}

function typedRoot(root: string): string {
  const typed = typedPath(resolve(root));
  return typed.startsWith('/') || typed.startsWith('.') || typed.startsWith("'") ? typed : `./${typed}`;
}
