import { readdirSync, readFileSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trajectory } from './trajectory.ts';

const executablePath = process.env.KAI_CHROMIUM ?? '/usr/bin/chromium';
const snapshots = new URL('./snapshots/', import.meta.url);
let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
afterAll(async () => {
  await browser?.close();
});

const data = {
  improvements: [
    { x: 0, y: 1 },
    { x: 40, y: 2, href: '?step=40' },
  ],
  samples: [{ x: 20, y: 0.5 }],
  lastX: 100,
};

test('every snapshot is XML that a browser accepts', async () => {
  const page = await browser.newPage();
  const files = readdirSync(snapshots).map((name) => ({ name, text: readFileSync(new URL(name, snapshots), 'utf8') }));
  const refused = await page.evaluate(`
    ${JSON.stringify(files)}
      .filter(({ text }) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror'))
      .map(({ name }) => name)`);
  await page.close();
  expect(files.length).toBeGreaterThan(10);
  expect(refused).toEqual([]);
});

test('in no snapshot does a text cover another or leave the picture', async () => {
  const page = await browser.newPage();
  const problems: string[] = [];
  for (const name of readdirSync(snapshots)) {
    await page.setContent(readFileSync(new URL(name, snapshots), 'utf8'));
    const found = await page.evaluate<string[]>(`(() => {
      const boxes = [...document.querySelectorAll('text')].map((text) => ({ text: text.textContent, box: text.getBBox() }));
      const { width, height } = document.querySelector('svg').viewBox.baseVal;
      const crosses = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y + 2 < b.y + b.height - 2 && b.y + 2 < a.y + a.height - 2;
      return boxes.flatMap(({ text, box }, index) => [
        ...(box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height ? [text + ' leaves'] : []),
        ...boxes.slice(index + 1).filter((other) => crosses(box, other.box)).map((other) => text + ' × ' + other.text),
      ]);
    })()`);
    problems.push(...found.map((problem) => `${name}: ${problem}`));
  }
  await page.close();
  expect(problems).toEqual([]);
});

test('inside a page with a strict policy the chart takes the colours of the page, in light and in dark', async () => {
  const html = `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'">${trajectory(data)}`;
  const page = await browser.newPage();
  const problems: string[] = [];
  page.on('console', (message) => problems.push(message.text()));
  await page.setContent(html);
  const stroke = () => page.evaluate(`getComputedStyle(document.querySelector('path[stroke-width="1.5"]')).stroke`);
  expect(await stroke()).toBe('rgb(9, 105, 218)');
  await page.evaluate(`document.documentElement.style.setProperty('--accent', '#4493f8')`);
  expect(await stroke()).toBe('rgb(68, 147, 248)');
  await page.close();
  expect(problems).toEqual([]);
});

test('the standalone form follows the theme of the reader', async () => {
  const colors: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ colorScheme });
    await page.setContent(trajectory(data, { standalone: true }));
    colors.push(await page.evaluate<string>(`getComputedStyle(document.querySelector('rect')).fill`));
    await page.close();
  }
  expect(colors).toEqual(['rgb(255, 255, 255)', 'rgb(13, 17, 23)']);
});

test('a screen reader is told the finding, and reaches the links beside the picture', async () => {
  const page = await browser.newPage();
  await page.setContent(trajectory(data));
  const image = page.getByRole('img', { name: 'Best score by iteration best 2 at iteration 40 of 100' });
  expect(await image.count()).toBe(1);
  expect(await page.getByRole('link', { name: 'iteration 40: 2' }).count()).toBe(1);
  await page.close();
});
