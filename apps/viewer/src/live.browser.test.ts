import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunHandle } from '@kai/run-state';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from '../../../tests/browser.ts';
import { checkpointRun, finishedRun, startRun, temporaryFolder } from './fixtures/temporary-runs.ts';
import { type ServedViewer, serveViewer } from './serve-viewer.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
});

interface Opened {
  page: Page;
  /** Paths of all requests so far. */
  requests: string[];
  /** What the browser complained of. */
  complaints: string[];
}

async function open(url: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const [requests, complaints]: [string[], string[]] = [[], []];
  page.on('request', (request) => requests.push(request.url().replace(/^https?:\/\/[^/]+/, '')));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  // Before the page's own timers are made, so that the clock can be moved for all of them.
  if (options.javaScriptEnabled !== false) await page.clock.install();
  await page.goto(url);
  return { page, requests, complaints };
}

async function serve(root: string): Promise<ServedViewer> {
  const served = await serveViewer({ root, port: 0, pollMs: 50 });
  onTestFinished(() => served.close());
  return served;
}

async function liveRun(): Promise<{ run: RunHandle; url: string; served: ServedViewer }> {
  const root = await temporaryFolder();
  const run = await startRun(root, { maxIterations: 50 });
  run.append({ iter: 0, score: 1 });
  const served = await serve(root);
  return { run, served, url: `${served.url}setup/packing/run/0` };
}

const iterations = (page: Page) => page.locator('#headline .figure').nth(1);
const isText = (page: Page, selector: string, text: string) =>
  page.waitForFunction(
    ([where, what]) => document.querySelector(where!)?.textContent?.includes(what!),
    [selector, text],
  );

test('numbers and chart change in place while the run goes on; at the end nothing is asked until the page has the focus', async () => {
  const { run, url } = await liveRun();
  const { page, requests, complaints } = await open(url);
  await page.evaluate(() => Object.assign(window, { wasNotReloaded: true }));
  expect(await page.locator('#badge').textContent()).toContain('live');
  const charts = [await page.locator('#chart-wide').innerHTML()];
  for (const iter of [1, 2, 3]) {
    run.append({ iter, score: 1 + iter });
    await isText(page, '#headline', `${iter} of 50`);
    await page.waitForFunction((before) => document.getElementById('chart-wide')?.innerHTML !== before, charts.at(-1));
    charts.push(await page.locator('#chart-wide').innerHTML());
  }
  expect(new Set(charts).size).toBe(4);
  expect(await page.locator('#verdict').textContent()).toContain('4, +300 % over the initial program');
  expect(await page.locator('#ladder tbody tr').count()).toBe(4);
  await run.finish({ status: 'finished', stopReason: 'target_score' });
  await isText(page, '#badge', '● finished');
  const asked = requests.length;
  expect(requests.filter((path) => path.endsWith('/setup/packing/run/0'))).toHaveLength(1);
  expect(await page.evaluate(() => 'wasNotReloaded' in window)).toBe(true);
  await page.clock.runFor(600_000);
  expect(requests).toHaveLength(asked);
  const focused = page.waitForResponse((response) => response.url().includes('live.json'));
  await page.evaluate(() => window.dispatchEvent(new Event('focus')));
  await focused;
  expect(requests).toHaveLength(asked + 1);
  expect(complaints).toEqual([]);
});

test('a hidden tab closes its stream, and catches up when it is shown', async () => {
  const { run, url } = await liveRun();
  const { page, requests } = await open(url);
  await isText(page, '#badge', 'live');
  const hide = (isHidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, isHidden);
  await hide(true);
  run.append({ iter: 1, score: 5 });
  await hide(false);
  await isText(page, '#verdict', '5, +400 %');
  expect(requests.filter((path) => path.includes('/events'))).toHaveLength(2);
});

test('where the stream fails the page polls, and says when it hears nothing at all', async () => {
  const { run, url, served } = await liveRun();
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.clock.install();
  await page.route('**/events?*', (route) => route.abort());
  await page.goto(url);
  run.append({ iter: 1, score: 5 });
  await page.clock.runFor(7000);
  await isText(page, '#verdict', '5, +400 %');
  expect(await page.locator('#connection').isVisible()).toBe(false);
  await served.close();
  await page.clock.runFor(4000);
  await page.locator('#connection').waitFor({ state: 'visible' });
  expect(await page.locator('#connection').textContent()).toBe('Live updates paused, trying again.');
});

test('an interrupted run is asked for every 30 s, and is live again when it is resumed', async () => {
  const root = await temporaryFolder();
  const gone = await startRun(root, { pid: 2 ** 22 + 1, findProcess: async () => null });
  gone.append({ iter: 0, score: 1 });
  const { url } = await serve(root);
  const { page, requests } = await open(`${url}setup/packing/run/0`);
  expect(await page.locator('#badge').textContent()).toContain('interrupted');
  expect(requests.filter((path) => path.includes('/live.json'))).toEqual([]);
  await startRun(root, { resume: true });
  await page.clock.runFor(31_000);
  await isText(page, '#badge', 'live');
  expect(requests.filter((path) => path.includes('/live.json'))).toHaveLength(1);
});

test('a run whose directory is deleted while its page is open is called gone, and not asked for any more', async () => {
  const { run, url } = await liveRun();
  const { page, requests } = await open(url);
  await isText(page, '#badge', 'live');
  await rm(run.dir, { recursive: true });
  await isText(page, '#connection', "The run's directory is gone.");
  expect(await page.locator('#connection').isVisible()).toBe(true);
  expect(await page.locator('#badge').textContent()).toBe('● gone');
  expect(await page.locator('#verdict').textContent()).toBe('');
  expect(await page.title()).toBe('packing/0 gone · kai');
  const asked = requests.length;
  await page.clock.runFor(120_000);
  expect(requests).toHaveLength(asked);
});

test('without scripts the page is complete, and asks again by itself while the run goes on', async () => {
  const { url, run } = await liveRun();
  const { page } = await open(url, { javaScriptEnabled: false });
  expect(await page.locator('#badge').textContent()).toContain('live');
  expect(await iterations(page).textContent()).toBe('0 of 50');
  expect(await page.getByText('Best program').isVisible()).toBe(false);
  expect(await page.locator('#chart-wide svg').count()).toBe(1);
  expect(await page.locator('meta[http-equiv=refresh]').getAttribute('content')).toBe('10');
  await run.finish({ status: 'finished', stopReason: null });
  await page.reload();
  expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(0);
});

test('an old run without a feed shows its steps, and each is a link', async () => {
  const root = await temporaryFolder();
  await checkpointRun(join(root, 'old', 'openevolve_output'));
  const { url } = await serve(root);
  const { page, complaints } = await open(`${url}setup/old/run/0`);
  expect(await page.locator('#steps tbody td:first-child').allTextContents()).toEqual(['20', '10']);
  await page.getByRole('link', { name: '10', exact: true }).click();
  await page.waitForURL('**/setup/old/run/0?step=10');
  expect(await page.locator('#program pre').textContent()).toBe('# best-10\n');
  expect(complaints).toEqual([]);
});

test('the overview keeps itself up to date', async () => {
  const root = await temporaryFolder();
  const run = await startRun(root);
  run.append({ iter: 0, score: 1 });
  const { url } = await serve(root);
  const { page } = await open(url);
  run.append({ iter: 1, score: 2.5 });
  await page.clock.runFor(6000);
  await isText(page, '#runs', '2.500');
  expect(await page.locator('#counts').textContent()).toBe('1 run, 1 live');
  await page.keyboard.press('/');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('q');
});

test('an empty overview gets its first run, the count and the filter', async () => {
  const root = await temporaryFolder();
  const { url } = await serve(root);
  const { page } = await open(url);
  expect(await page.locator('#runs').textContent()).toContain('No runs in');
  const run = await startRun(root);
  run.append({ iter: 0, score: 1 });
  const countAfterHalfAMinute = async () => {
    await page.clock.runFor(31_000);
    return page.locator('#counts').textContent();
  };
  // The server's list of runs may be a second old.
  await expect.poll(countAfterHalfAMinute, { timeout: 10_000 }).toBe('1 run, 1 live');
  await page.locator('#q').fill('packing');
  run.append({ iter: 1, score: 2.5 });
  await page.clock.runFor(6000);
  await isText(page, '#runs', '2.500');
  expect(await page.locator('#q').inputValue()).toBe('packing');
});

test('every page has a name, landmarks, headings in order and named controls, and fits a phone', async () => {
  const root = await temporaryFolder();
  await finishedRun(root);
  await startRun(root, { label: 'a-label-of-the-greatest-length-that-is-allowed-here-64-character' });
  const { url } = await serve(root);
  const long = 'setup/a-label-of-the-greatest-length-that-is-allowed-here-64-character/run/0';
  for (const path of ['', 'setup/packing', 'setup/packing/run/0', long, 'nowhere']) {
    const { page } = await open(`${url}${path}`, { viewport: { width: 390, height: 844 } });
    expect(await page.title()).toMatch(/ · kai$/);
    for (const role of ['main', 'banner', 'navigation'] as const) expect(await page.getByRole(role).count()).toBe(1);
    const levels = await page.locator('h1, h2, h3').evaluateAll((all) => all.map(({ tagName }) => tagName));
    expect(levels[0]).toBe('H1');
    expect(levels.slice(1).every((level) => level === 'H2')).toBe(true);
    const unnamed = page.locator('a:empty, button:empty, input[type=search]:not([id])');
    expect(await unnamed.locator('visible=true').count()).toBe(0);
    const ids = await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => id));
    expect(ids).toHaveLength(new Set(ids).size);
    expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, 390]);
  }
});
