import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeBest } from '@kai/run-state';
import { expect, onTestFinished, test } from 'vitest';
import { createViewer, type ViewerOptions } from './create-viewer.ts';
import { readJson } from './fixtures/read-json.ts';
import { checkpointRun, finishedRun, startRun, storedProgram, temporaryFolder } from './fixtures/temporary-runs.ts';

const view = (root: string, options: Partial<ViewerOptions> = {}) => {
  const viewer = createViewer({ root, ...options });
  onTestFinished(() => viewer.close());
  return {
    ...viewer,
    text: async (path: string) => (await viewer.app.request(path)).text(),
    json: async (path: string) => readJson(viewer.app.request(path)),
  };
};

test('an empty root says what to type', async () => {
  const { app, text } = view(join(await temporaryFolder(), 'runs'));
  expect((await app.request('/')).status).toBe(200);
  expect(await text('/')).toContain('Start one: <code>kai run examples/circle-packing</code>');
});

test('pages tell what to type as the person typed it', async () => {
  const root = await temporaryFolder();
  const { text } = view(root, { command: 'node bin/kai.js' });
  expect(await text('/')).toContain('<code>node bin/kai.js run examples/circle-packing</code>');
  const gone = await startRun(root, { pid: 2 ** 22 + 1, findProcess: async () => null });
  gone.append({ iter: 0, score: 1 });
  expect(await text('/setup/packing/run/0')).toContain('<code>node bin/kai.js resume ');
});

test('a slash behind the address of a page leads to the page', async () => {
  const root = await temporaryFolder();
  await finishedRun(root);
  const { app } = view(root);
  const location = async (path: string) => (await app.request(path)).headers.get('location');
  expect(await location('/setup/packing/?q=a')).toBe('/setup/packing?q=a');
  expect(await location('/setup/packing/run/0/')).toBe('/setup/packing/run/0');
  expect((await app.request('/setup/packing/run/0/')).status).toBe(308);
  expect((await app.request('//example.com/')).status).toBe(404);
});

test('the overview lists every run, live ones first, and its twin holds the same', async () => {
  const root = await temporaryFolder();
  await finishedRun(root, { label: 'alpha' });
  const live = await startRun(root, { label: 'beta' });
  live.append({ iter: 0, score: 0.25 });
  const { text, json } = view(root);
  const page = await text('/');
  expect(page.indexOf('/setup/beta/run/0')).toBeLessThan(page.indexOf('/setup/alpha/run/0'));
  const { setups, total, live: liveCount } = await json('/.json');
  expect({ total, liveCount }).toEqual({ total: 2, liveCount: 1 });
  expect(setups.map(({ label }: { label: string }) => label)).toEqual(['beta', 'alpha']);
  expect(setups[1].runs[0]).toMatchObject({
    status: 'finished',
    best: 2,
    gain: 1,
    iteration: 3,
    max_iterations: 3,
    failed: 1,
    cost: null,
  });
  for (const shown of ['2.000', '0.250', 'all iterations done', '2 runs in 2 setups, 1 live'])
    expect(page).toContain(shown);
});

test('the overview can be filtered and sorted', async () => {
  const root = await temporaryFolder();
  await finishedRun(root, { label: 'alpha' });
  await startRun(root, { label: 'beta' });
  const { json, text, app } = view(root);
  const labels = async (search: string) =>
    (await json(`/.json${search}`)).setups.map(({ label }: { label: string }) => label);
  expect(await labels('?q=FINISHED')).toEqual(['alpha']);
  expect(await labels('?sort=name')).toEqual(['beta', 'alpha']);
  expect(await labels('?sort=best&dir=asc')).toEqual(['alpha', 'beta']);
  expect(await text('/?q=%3Cb%3Enothing')).toContain('No run matches “&lt;b&gt;nothing”');
  expect((await app.request('/?sort=size')).status).toBe(400);
});

test('a setup has a page and a twin of its own', async () => {
  const root = await temporaryFolder();
  await finishedRun(root, { label: 'alpha' });
  await finishedRun(root, { label: 'beta' });
  const { text, json, app } = view(root);
  expect(await text('/setup/alpha')).not.toContain('/setup/beta');
  expect(await json('/setup/alpha.json')).toMatchObject({ label: 'alpha', total: 1 });
  expect((await app.request('/setup/gamma')).status).toBe(404);
});

test('the page of a finished run shows what its twin says', async () => {
  const root = await temporaryFolder();
  const run = await finishedRun(root);
  await writeBest(run.dir, { program: storedProgram('program-3', 3, 2, 'let a = "<b>";\n'), extension: '.js' });
  const { text, json } = view(root);
  const facts = await json('/setup/packing/run/0.json');
  expect(facts).toMatchObject({
    status: 'finished',
    active: false,
    stop_reason: 'max_iterations',
    iteration: 3,
    best: 2,
    initial_score: 1,
    gain: 1,
    gain_share: 1,
    failed: 1,
    failed_share: 0.25,
    calls: 0,
    cost: null,
    source: 'feed',
    best_program_id: 'program-3',
    program: { id: 'program-3', iteration: 3, code: 'let a = "<b>";\n', cut: false },
  });
  expect(facts.improvements.map(({ iter, score, gain }: Record<string, unknown>) => [iter, score, gain])).toEqual([
    [0, 1, null],
    [2, 1.5, 0.5],
    [3, 2, 0.5],
  ]);
  const page = await text('/setup/packing/run/0');
  for (const shown of [
    'finished',
    '<strong>2</strong>, +100 % over the initial program',
    '25 %',
    '1 of 4',
    'no model calls',
    '+0.500',
    'let a = &quot;&lt;b&gt;&quot;;',
    'all iterations done',
  ]) {
    expect(page).toContain(shown);
  }
  expect(page).not.toContain('http-equiv="refresh"');
});

test('a run before its first evaluation, a failed and an interrupted one say so', async () => {
  const root = await temporaryFolder();
  await startRun(root, { label: 'fresh' });
  const failed = await startRun(root, { label: 'failed' });
  await failed.finish({ status: 'failed', stopReason: 'error', error: '<img src=x onerror=alert(1)>' });
  const gone = await startRun(root, { label: 'gone', pid: 2 ** 22 + 1, findProcess: async () => null });
  gone.append({ iter: 0, score: 1 });
  const { text } = view(root);
  const fresh = await text('/setup/fresh/run/0');
  expect(fresh).toContain('first evaluation pending');
  expect(fresh).toContain('<noscript><meta http-equiv="refresh" content="10"></noscript>');
  expect(await text('/setup/failed/run/0')).toContain('Failed after 0 iterations: &lt;img src=x onerror=alert(1)&gt;');
  expect(await text('/setup/gone/run/0')).toMatch(/Interrupted .*Resume with <code>kai resume .*run_0<\/code>/);
});

test('a run that ended without a score shows why its initial program failed', async () => {
  const root = await temporaryFolder();
  const run = await startRun(root, { maxIterations: 20 });
  run.append({ iter: 0, score: null, programId: 'seed' });
  const record = {
    ...{ iter: 0, id: 'seed', code: 'oops', score: null, ts: 1 },
    error: { kind: 'crash', message: 'oops is not defined' },
    artifacts: { stderr: 'at <evaluate> line 3\n' },
  };
  await writeFile(join(run.dir, 'programs.jsonl'), `${JSON.stringify(record)}\n`);
  const { text } = view(root);
  const path = '/setup/packing/run/0';
  expect(await text(path)).toContain('No score yet');
  await run.finish({ status: 'failed', stopReason: 'error', error: 'The initial program could not be scored.' });
  const page = await text(path);
  for (const shown of [
    'Failed after 0 iterations: The initial program could not be scored.',
    'Why the initial program failed',
    '<strong>crash</strong> oops is not defined',
    'at &lt;evaluate&gt; line 3',
    '1 of 1 with the initial program',
    '>No score<',
    '<div id="program"></div>',
  ]) {
    expect(page).toContain(shown);
  }
  expect(page).not.toContain(' yet');
  expect(page.match(/could not be scored/g)).toHaveLength(1);
});

test('what a gain says is never zero', async () => {
  const root = await temporaryFolder();
  const run = await startRun(root, { maxIterations: 2 });
  run.append({ iter: 0, score: 1 });
  run.append({ iter: 1, score: 1.00042 });
  await run.finish({ status: 'finished', stopReason: null });
  const page = await view(root).text('/setup/packing/run/0');
  expect(page).toContain('+0.0004');
  expect(page).not.toContain('+0.000<');
});

test('bests that were completed in another order than they began make no step down in the overview', async () => {
  const root = await temporaryFolder();
  const inOrder = await startRun(root, { label: 'a' });
  const asCompleted = await startRun(root, { label: 'b' });
  for (const [iter, score] of [
    [0, 0.96],
    [12, 1.13],
  ] as const) {
    inOrder.append({ iter, score });
  }
  for (const [iter, score] of [
    [0, 0.96],
    [13, 1.03],
    [12, 1.13],
  ] as const) {
    asCompleted.append({ iter, score });
  }
  inOrder.append({ iter: 13, score: 1 });
  const { text } = view(root);
  const spark = async (path: string) => /<td class="spark">(.*?)<\/td>/.exec(await text(path))?.[1];
  expect(await spark('/setup/b')).toBe(await spark('/setup/a'));
});

test('failures that a run does not record are not claimed to be none', async () => {
  const root = await temporaryFolder();
  const dir = join(root, 'old', 'openevolve_output');
  await checkpointRun(dir);
  const { text, json } = view(root);
  const page = await text('/setup/old/run/0');
  expect(page).toContain('<dt>Failed</dt><dd class="figure">–</dd><dd class="caption">not recorded</dd>');
  expect(await json('/setup/old/run/0/live.json')).toMatchObject({ failed: null, iteration: 20 });
  expect(await json('/setup/old/run/0.json')).toMatchObject({ failed: null, failed_share: null });
  expect((await json('/.json')).setups[0].runs[0].failed).toBeNull();
  await mkdir(join(dir, 'logs'));
  const log = [
    '2026-11-22 22:00:00,000 - openevolve.process_parallel - INFO - Starting process-based evolution from iteration 1 for 20 iterations (total: 20)',
    '2026-11-22 22:00:01,000 - openevolve.process_parallel - WARNING - Iteration 3 error: no valid diffs found in response',
  ];
  await writeFile(join(dir, 'logs', 'openevolve_20261122_220000.log'), `${log.join('\n')}\n`);
  expect(await json('/setup/old/run/0/live.json')).toMatchObject({ failed: 1 });
});

test('a damaged feed still makes a page, which names the line', async () => {
  const root = await temporaryFolder();
  const run = await finishedRun(root);
  await appendFile(join(run.dir, 'progress.jsonl'), '{"iter": oops}\n');
  expect(await view(root).text('/setup/packing/run/0')).toContain('1 of 5 lines skipped: line 5 of progress.jsonl');
});

test('an old run without a feed shows its checkpoint steps, and each can be selected', async () => {
  const root = await temporaryFolder();
  await checkpointRun(join(root, 'old', 'openevolve_output'));
  const { text, json, app } = view(root);
  const path = '/setup/old/run/0';
  expect(await text(path)).toContain(`href="${path}?step=10"`);
  expect(await text(path)).toContain('# best-20');
  const selected = await json(`${path}.json?step=10`);
  expect(selected).toMatchObject({ source: 'checkpoints', step: 10, program: { id: 'best-10', code: '# best-10\n' } });
  expect(selected.steps.map(({ step, best, programs }: Record<string, unknown>) => [step, best, programs])).toEqual([
    [10, 0.6, 2],
    [20, 0.7, 2],
  ]);
  expect(await text(`${path}?step=10`)).toContain('# best-10');
  const missing = await app.request(`${path}.json?step=11`);
  expect(missing.status).toBe(404);
  expect((await readJson(missing)).error.message).toContain('there are 10, 20');
  expect((await app.request(`${path}?step=ten`)).status).toBe(400);
});

test('live.json holds the documented fields, and 304 when nothing changed', async () => {
  const root = await temporaryFolder();
  const run = await finishedRun(root);
  const { app } = view(root);
  const path = '/setup/packing/run/0/live.json';
  const first = await app.request(path);
  const { chart, ...numbers } = await readJson(first);
  expect(chart).toMatch(/^<svg /);
  expect(chart.length).toBeLessThan(40_000);
  expect(numbers).toEqual({
    active: false,
    iteration: 3,
    best: 2,
    cost: null,
    calls: 0,
    label: 'packing',
    idx: 0,
    status: 'finished',
    stop_reason: 'max_iterations',
    error: null,
    source: 'feed',
    direction: 'maximize',
    max_iterations: 3,
    initial_score: 1,
    best_program_id: 'program-3',
    failed: 1,
    unpriced_calls: 0,
    eta_seconds: null,
    in_flight: [],
    started_at: expect.any(Number),
    updated_at: 1_795_380_180,
    ended_at: expect.any(Number),
  });
  const etag = first.headers.get('etag')!;
  const again = await app.request(path, { headers: { 'If-None-Match': etag } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  await appendFile(join(run.dir, 'progress.jsonl'), '{"iter":4,"score":3}\n');
  const changed = await app.request(path, { headers: { 'If-None-Match': etag } });
  expect([changed.status, (await readJson(changed)).best]).toEqual([200, 3]);
});

test('live.json of 3,000 iterations stays below 40 kB', async () => {
  const root = await temporaryFolder();
  const run = await startRun(root, { maxIterations: 3000 });
  const lines = Array.from({ length: 3000 }, (_, iter) =>
    JSON.stringify({ iter, score: iter % 9 === 4 ? null : Math.sin(iter) + iter / 500 }),
  );
  await writeFile(join(run.dir, 'progress.jsonl'), `${lines.join('\n')}\n`);
  await run.close();
  expect((await view(root).text('/setup/packing/run/0/live.json')).length).toBeLessThan(40_000);
});

test('the sums of usage.jsonl are cost and calls; a call without a price makes no zero', async () => {
  const root = await temporaryFolder();
  const run = await finishedRun(root);
  const call = { ts: 1, iter: 1, model: 'm', input_tokens: 1, output_tokens: 1, latency_ms: 1, ok: true, error: null };
  await writeFile(join(run.dir, 'usage.jsonl'), `${JSON.stringify({ ...call, cost_usd: null })}\n`);
  const { json, text } = view(root);
  expect(await json('/setup/packing/run/0/live.json')).toMatchObject({ calls: 1, cost: null });
  expect(await text('/setup/packing/run/0')).toContain('1 call, price unknown');
  await appendFile(join(run.dir, 'usage.jsonl'), `${JSON.stringify({ ...call, cost_usd: 1.25 })}\n`);
  expect(await json('/setup/packing/run/0/live.json')).toMatchObject({ calls: 2, cost: 1.25 });
  expect(await text('/setup/packing/run/0')).toContain('2 calls, 1 without a price');
});

test('trajectory.svg stands alone, and its policy lets in its own style only', async () => {
  const root = await temporaryFolder();
  await finishedRun(root);
  const response = await view(root).app.request('/setup/packing/run/0/trajectory.svg');
  expect(response.headers.get('content-type')).toContain('image/svg+xml');
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+';/);
  expect(await response.text()).toMatch(/^<svg .*<style>/s);
});

test('every answer carries the strict headers, and no page has an inline script or style', async () => {
  const root = await temporaryFolder();
  await finishedRun(root);
  const { app } = view(root);
  for (const path of ['/', '/setup/packing/run/0', '/nowhere', '/.json', '/assets/live.js']) {
    const response = await app.request(path);
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('strict-transport-security')).toBeNull();
    if (response.headers.get('content-type')?.includes('html') !== true) continue;
    const page = await response.text();
    expect(page).not.toMatch(
      /<style|\sstyle=|<script(?! src="\/assets\/)|\son[a-z]+=|https?:\/\/(?!www\.w3\.org\/2000\/svg)/,
    );
  }
});

test('a request under another name is refused, so that no other site can read the runs', async () => {
  const { app } = view(await temporaryFolder());
  const refused = await app.request('/.json', { headers: { Host: 'evil.example:8321' } });
  expect(refused.status).toBe(403);
  expect((await readJson(refused)).error).toMatchObject({
    code: 'host',
    message: expect.stringContaining('localhost'),
  });
  expect((await app.request('/', { headers: { Host: 'localhost:1234' } })).status).toBe(200);
});

test('whatever is not there has one shape, in HTML and in JSON, and lists where to go', async () => {
  const root = await temporaryFolder();
  await finishedRun(root);
  const { app } = view(root);
  for (const path of [
    '/nowhere',
    '/setup/packing/run/7',
    '/setup/packing/run/07',
    '/setup/..%2f..%2fetc/run/0',
    '/setup/%E0%A4%A/run/0',
    '/setup/packing/run/0/live.json/x',
  ]) {
    const html = await app.request(path);
    expect([path, html.status]).toEqual([path, 404]);
    expect(await html.text()).toContain('Where to go');
    const json = await app.request(path, { headers: { Accept: 'application/json' } });
    const { error } = await readJson(json);
    expect(error).toMatchObject({
      status: 404,
      code: 'not_found',
      links: expect.arrayContaining([{ href: '/', text: 'all runs' }]),
    });
  }
  const sibling = await app.request('/setup/packing/run/7.json');
  expect((await readJson(sibling)).error.links).toContainEqual({
    href: '/setup/packing/run/0',
    text: 'packing/0',
  });
  const stranger = await app.request('/setup/other/run/0.json');
  expect((await readJson(stranger)).error.links).toContainEqual({ href: '/setup/packing', text: 'packing' });
  expect((await app.request('/', { method: 'POST' })).status).toBe(405);
});

test('hostile ids and names stay text', async () => {
  const root = await temporaryFolder();
  const run = await startRun(root, { maxIterations: 2 });
  run.append({ iter: 0, score: 1, programId: '"><script>alert(1)</script>' });
  run.append({ iter: 1, score: 2, programId: 'a\u202eb\u0000c' });
  await run.finish({ status: 'stopped', stopReason: '<b>bold</b>' });
  await mkdir(join(root, '<img src=x>', 'run_0'), { recursive: true });
  await writeFile(join(root, '<img src=x>', 'run_0', 'progress.jsonl'), '{"iter":0,"score":1}\n');
  const { text } = view(root);
  for (const path of ['/', '/setup/packing/run/0', '/%3Cscript%3E']) {
    const page = await text(path);
    expect(page).not.toMatch(/<script>|<b>bold|<img/);
    expect(page).not.toMatch(/[\u202e\u0000]/);
  }
  expect(await text('/setup/packing/run/0')).toContain('&quot;&gt;&lt;scrip');
});

test('a fault in the viewer is told to its owner, and not to the client', async () => {
  const root = await temporaryFolder();
  await finishedRun(root);
  const faults: unknown[] = [];
  const { app } = view(root, {
    now: () => {
      throw new Error('secret /etc/path');
    },
    onError: (error) => faults.push(error),
  });
  const response = await app.request('/setup/packing/run/0');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toMatch(/secret|at .*\.ts/);
  expect(faults).toHaveLength(1);
});

test('a run whose files cannot be read is still a page', async () => {
  const root = await temporaryFolder();
  const run = await finishedRun(root);
  await writeFile(join(run.dir, 'run.json'), 'not json');
  await rm(join(run.dir, 'progress.jsonl'));
  await mkdir(join(run.dir, 'progress.jsonl'));
  expect((await view(root).app.request('/setup/packing/run/0')).status).toBe(200);
});

test('script, style and icon are served, small, and checked by tag', async () => {
  const { app } = view(await temporaryFolder());
  for (const path of ['/assets/style.css', '/assets/live.js', '/assets/favicon.svg']) {
    const response = await app.request(path);
    const body = await response.arrayBuffer();
    const packed = new Response(new Blob([body]).stream().pipeThrough(new CompressionStream('gzip')));
    expect((await packed.arrayBuffer()).byteLength).toBeLessThan(10_000);
    const etag = response.headers.get('etag')!;
    expect((await app.request(path, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  }
  expect((await app.request('/assets/../package.json')).status).toBe(404);
});

test('target and reference scores of the configuration are drawn, and the verdict says how much of the best is reached', async () => {
  const root = await temporaryFolder();
  const { dir } = await finishedRun(root, { label: 'alpha' });
  const config = { target_score: 2.4, reference_scores: { 'best <i>known': 2.5, older: 1.9 } };
  await writeFile(join(dir, 'config.json'), JSON.stringify({ config }));
  const { text, json } = view(root);
  const page = await text('/setup/alpha/run/0');
  expect(page).toContain('80.0 % of best &lt;i&gt;known');
  const chart = await text('/setup/alpha/run/0/trajectory.svg');
  for (const shown of ['target 2.4', 'best &lt;i&gt;known 2.5', 'older 1.9', 'initial 1'])
    expect(chart).toContain(shown);
  expect(await json('/setup/alpha/run/0.json')).toMatchObject(config);
});
