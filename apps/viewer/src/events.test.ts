import { rm } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createViewer } from './create-viewer.ts';
import { streamRun } from './events.ts';
import { readEvents, type ServerEvent } from './fixtures/read-events.ts';
import { finishedRun, startRun, temporaryFolder } from './fixtures/temporary-runs.ts';
import { RunCatalog } from './run-catalog.ts';
import { RunDetailReader } from './run-details.ts';
import { RunStates } from './run-states.ts';

const path = '/setup/packing/run/0/events';

async function view(root: string) {
  const viewer = createViewer({ root, pollMs: 50 });
  onTestFinished(() => viewer.close());
  return viewer;
}

async function next(events: AsyncGenerator<ServerEvent, void>): Promise<ServerEvent> {
  const result = await events.next();
  if (result.done) throw new Error('The stream ended.');
  return result.value;
}

test('a stream tells what is there, then what comes, then the end, and closes', async () => {
  const root = await temporaryFolder();
  const run = await startRun(root);
  run.append({ iter: 0, score: 1 });
  const { app } = await view(root);
  const response = await app.request(path);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const events = readEvents(response);
  const first = await next(events);
  expect(first.data).toMatchObject({ active: true, iteration: 0, best: 1, status: 'running' });
  expect(first.data.chart).toMatch(/^<svg /);
  run.append({ iter: 1, score: 2 });
  let latest = await next(events);
  while (latest.data.iteration < 1) latest = await next(events);
  expect(latest.data.best).toBe(2);
  await run.finish({ status: 'finished', stopReason: 'target_score' });
  const rest: ServerEvent[] = [];
  for await (const event of events) rest.push(event);
  expect(rest.at(-2)).toMatchObject({
    event: 'message',
    data: { active: false, status: 'finished', chart: expect.any(String) },
  });
  expect(rest.at(-1)).toMatchObject({ event: 'end', data: { status: 'finished', stop_reason: 'target_score' } });
  const ids = [first, latest, ...rest.slice(0, -1)].map(({ id }) => Number(id));
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
});

test('iterations never go back, and the last one always arrives, however fast they come', async () => {
  const root = await temporaryFolder();
  const run = await startRun(root, { maxIterations: 500 });
  run.append({ iter: 0, score: 0 });
  const { app } = await view(root);
  const seen: number[] = [];
  let charts = 0;
  for await (const { event, data } of readEvents(await app.request(path))) {
    if (event === 'end') break;
    seen.push(data.iteration);
    if (data.chart !== undefined) charts++;
    if (seen.length > 1) continue;
    for (let iter = 1; iter <= 500; iter++) run.append({ iter, score: iter });
    void run.finish({ status: 'finished', stopReason: 'max_iterations' });
  }
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(500);
  expect(seen.length).toBeLessThan(10);
  expect(charts).toBeGreaterThanOrEqual(2);
});

test('a page gets its sections, and later only those that changed', async () => {
  const root = await temporaryFolder();
  const run = await startRun(root);
  run.append({ iter: 0, score: 1 });
  const { app } = await view(root);
  const events = readEvents(await app.request(`${path}?view=narrow`));
  const first = await next(events);
  expect(Object.keys(first.data.sections)).toEqual([
    'badge',
    'age',
    'verdict',
    'last-gain',
    'failure',
    'headline',
    'now',
    'ladder',
    'steps',
    'program',
    'problems',
  ]);
  expect(first.data.chart).toContain('narrow-chart-title');
  run.append({ iter: 1, score: 0.5 });
  let latest = await next(events);
  while (latest.data.iteration < 1) latest = await next(events);
  expect(Object.keys(latest.data.sections)).not.toContain('ladder');
  expect(latest.data.sections.headline).toContain('1<span class="of"> of 100</span>');
  await events.return();
});

test('a stream of a run that ended tells the state and the end; coming back for more is answered 204', async () => {
  const root = await temporaryFolder();
  await finishedRun(root);
  const { app } = await view(root);
  const events: ServerEvent[] = [];
  for await (const event of readEvents(await app.request(path))) events.push(event);
  expect(events.map(({ event }) => event)).toEqual(['message', 'end']);
  const again = await app.request(path, { headers: { 'Last-Event-ID': events[1]!.id } });
  expect(again.status).toBe(204);
});

test('closing the viewer ends every stream at once, also one that nobody reads', async () => {
  const root = await temporaryFolder();
  await startRun(root);
  const viewer = createViewer({ root });
  const unread = await viewer.app.request(path);
  const read = readEvents(await viewer.app.request(path));
  await next(read);
  await viewer.close();
  expect(await read.next()).toMatchObject({ done: true });
  await unread.body?.cancel();
});

test('a client that is slow skips states, and what it has not taken never makes a queue', async () => {
  const root = await temporaryFolder();
  const handle = await startRun(root);
  handle.append({ iter: 0, score: 0 });
  const states = new RunStates({ pollMs: 50 });
  const sources = { command: 'kai', catalog: new RunCatalog(root), states, details: new RunDetailReader() };
  const [run] = await sources.catalog.list();
  const leaving = new AbortController();
  onTestFinished(() => states.close());
  const written: number[] = [];
  let take = () => {};
  let isWriting = () => {};
  const sink = {
    write: async () => sink as never,
    writeSSE: ({ data }: { data: unknown }) => {
      written.push(JSON.parse(String(data)).iteration);
      isWriting();
      return new Promise<void>((resolve) => {
        take = resolve;
      });
    },
  };
  const nextWrite = () =>
    new Promise<void>((resolve) => {
      isWriting = resolve;
    });
  const first = nextWrite();
  const { signal } = leaving;
  const streaming = streamRun(sink, { run: run!, sources }, { view: null, now: () => 0, signal, endId: () => 'end' });
  await first;
  const { watch, release } = states.use(run!);
  for (const iter of [1, 2, 3, 4]) {
    handle.append({ iter, score: iter });
    while ((await watch.state()).iteration < iter) await watch.changed({ signal, timeoutMs: 10_000 });
  }
  release();
  const second = nextWrite();
  take();
  await second;
  expect(written).toEqual([0, 4]);
  leaving.abort();
  take();
  await streaming;
});

test('HEAD opens no stream, and an unknown run is 404', async () => {
  const root = await temporaryFolder();
  await startRun(root);
  const { app } = await view(root);
  expect((await app.request(path, { method: 'HEAD' })).status).toBe(200);
  expect((await app.request('/setup/packing/run/9/events')).status).toBe(404);
});

test('thirty streams at once draw no warning of node', async () => {
  const root = await temporaryFolder();
  const run = await startRun(root);
  run.append({ iter: 0, score: 1 });
  const { app } = await view(root);
  const warnings: Error[] = [];
  const hear = (warning: Error) => warnings.push(warning);
  process.on('warning', hear);
  onTestFinished(() => void process.off('warning', hear));
  const streams = await Promise.all(Array.from({ length: 30 }, async () => readEvents(await app.request(path))));
  expect(await Promise.all(streams.map(async (events) => (await next(events)).data.best))).toEqual(Array(30).fill(1));
  // Node emits warnings in the next tick.
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all(streams.map((events) => events.return()));
  expect(warnings).toEqual([]);
});

test('a stream of a run whose directory is deleted says so, and not that it is idle', async () => {
  const root = await temporaryFolder();
  const run = await startRun(root);
  run.append({ iter: 0, score: 1 });
  const { app } = await view(root);
  const events = readEvents(await app.request(path));
  await next(events);
  await rm(run.dir, { recursive: true });
  const rest: ServerEvent[] = [];
  for await (const event of events) rest.push(event);
  expect(rest.at(-1)?.event).toBe('gone');
  expect(rest.filter(({ data }) => data.status === 'idle')).toEqual([]);
  expect((await app.request('/setup/packing/run/0/live.json')).status).toBe(404);
});
