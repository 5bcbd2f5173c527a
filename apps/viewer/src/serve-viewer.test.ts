import { expect, onTestFinished, test } from 'vitest';
import { readEvents } from './fixtures/read-events.ts';
import { startRun, temporaryFolder } from './fixtures/temporary-runs.ts';
import { type ServeViewerOptions, serveViewer } from './serve-viewer.ts';

async function serve(options: Partial<ServeViewerOptions> = {}) {
  const served = await serveViewer({ root: await temporaryFolder(), port: 0, ...options });
  onTestFinished(() => served.close());
  return served;
}

test('the url works', async () => {
  const { url, port } = await serve();
  expect(url).toBe(`http://127.0.0.1:${port}/`);
  expect((await fetch(url)).status).toBe(200);
});

test('a busy port: the next free one, unless that very port was asked for', async () => {
  const { port } = await serve();
  const other = await serve({ port });
  expect(other.port).toBeGreaterThan(port);
  expect(other.port).toBeLessThan(port + 20);
  await expect(serve({ port, exactPort: true })).rejects.toMatchObject({
    name: 'ViewerError',
    code: 'port',
    message: expect.stringContaining(`port ${port}: it is in use`),
  });
});

test('an address that others can reach is refused, since this version has no token', async () => {
  await expect(serve({ host: '0.0.0.0' })).rejects.toMatchObject({
    code: 'host',
    message: expect.stringContaining('token'),
  });
});

test('closing ends open streams and frees the port', async () => {
  const root = await temporaryFolder();
  await startRun(root);
  const served = await serve({ root });
  const events = readEvents(await fetch(`${served.url}setup/packing/run/0/events`));
  await events.next();
  const ended = events.next().catch(() => ({ done: true }));
  await served.close();
  expect(await ended).toMatchObject({ done: true });
  await expect(fetch(served.url)).rejects.toThrow();
  await serve({ port: served.port, exactPort: true });
});

test('a client that leaves is forgotten: closing does not wait for it', async () => {
  const root = await temporaryFolder();
  const run = await startRun(root);
  const served = await serve({ root });
  const leaving = new AbortController();
  const events = readEvents(await fetch(`${served.url}setup/packing/run/0/events`, { signal: leaving.signal }));
  await events.next();
  leaving.abort();
  await expect(events.next()).rejects.toThrow();
  run.append({ iter: 0, score: 1 });
  await served.close();
});
