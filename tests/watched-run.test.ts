import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { launchBrowser } from './browser.ts';
import { type KaiProcess, makeTask, startKai } from './kai.ts';

// A whole run, in real processes beside a browser: a busy machine may take its time.
vi.setConfig({ testTimeout: 120_000 });

let browser: Browser;
let folder: string;
const started: KaiProcess[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kai-watched-'));
  makeTask(join(folder, 'parabola'));
});
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function kai(...args: string[]): KaiProcess {
  const process = startKai(args, { cwd: folder });
  started.push(process);
  return process;
}

const chartOf = (page: Page) => page.locator('main svg').first().innerHTML();

test('a browser sees a real run live, sees it change in place, sees it finish, and then asks for nothing', async () => {
  const run = kai('run', 'parabola', '--viewer', '--port', '0', '--iterations', '80');
  const [, url] = await run.printed(/Watch it live at (\S+)/);
  const page = await browser.newPage();
  const requests: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.clock.install();
  await page.goto(url!);
  await page.getByText('● live').waitFor();
  await page.evaluate(() => document.body.setAttribute('data-same-page', 'yes'));

  const iteration = async () => (await page.request.get(`${url}/live.json`)).json();
  for (let change = 0; change < 2; change++) {
    const before = await chartOf(page);
    const { iteration: from } = await iteration();
    await expect.poll(async () => (await iteration()).iteration, { timeout: 60_000 }).toBeGreaterThan(from);
    await expect.poll(() => chartOf(page), { timeout: 60_000 }).not.toBe(before);
  }
  await page.getByText('● finished').waitFor();
  expect(await page.locator('body').getAttribute('data-same-page')).toBe('yes');
  expect(await page.getByText('● live').count()).toBe(0);
  expect((await run.ended).code).toBe(0);

  const asked = requests.length;
  await page.clock.fastForward(120_000);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  expect(requests.slice(asked)).toEqual([]);
  expect(errors).toEqual([]);
  expect(requests.every((request) => request.startsWith(new URL(url!).origin))).toBe(true);
  await page.close();
});

test('kai viewer shows what another process runs, and without scripts the page is whole', async () => {
  await kai('run', 'parabola', '--iterations', '15').ended;
  const viewer = kai('viewer', 'runs', '--port', '0');
  const [url] = await viewer.printed(/http:\/\/\S+/);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(url);
  await page
    .getByRole('link', { name: /run.?0/i })
    .first()
    .click();
  await page.getByText('● finished').waitFor();
  expect(await page.locator('main svg').count()).toBeGreaterThan(0);
  viewer.child.kill('SIGINT');
  expect((await viewer.ended).code).toBe(0);
  await context.close();
});
