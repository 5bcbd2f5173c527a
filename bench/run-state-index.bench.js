// @ts-check
// A root of 1,000 runs of 1,000 iterations: the first list of all their states, and the list again when nothing changed.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest, RunIndex, writeManifest } from '@kai/run-state';
import { median, report, temporaryFolder, timed } from './measure.js';
import { writeFeed } from './write-feed.js';

const folder = temporaryFolder();
for (let nth = 0; nth < 1000; nth++) {
  const dir = join(folder, `label-${nth % 20}`, `run_${Math.floor(nth / 20)}`);
  mkdirSync(dir, { recursive: true });
  await writeManifest(dir, parseManifest({ status: 'finished', stop_reason: 'max_iterations', max_iterations: 1000 }));
  writeFeed(dir, 1000);
}

/** @type {number[]} */
const cold = [];
/** @type {number[]} */
const warm = [];
let isWhole = true;
for (let round = 0; round < 3; round++) {
  const index = new RunIndex(folder);
  cold.push(await timed(() => index.refresh()));
  const states = await index.refresh();
  isWhole &&=
    states.length === 1000 && states.every(({ iteration, status }) => iteration === 999 && status === 'finished');
  for (let nth = 0; nth < 10; nth++) warm.push(await timed(() => index.refresh()));
  isWhole &&= (await index.refresh()) === states;
  await index.close();
}
report({
  what: 'findRuns + state of 1,000 runs of 1,000 iterations, cold',
  mustBe: 'under 3 s',
  measured: `${(median(cold) / 1000).toFixed(2)} s`,
  ok: isWhole && median(cold) < 3000,
});
report({
  what: 'findRuns + state of 1,000 runs of 1,000 iterations, nothing changed',
  mustBe: 'under 100 ms',
  measured: `${median(warm).toFixed(0)} ms`,
  ok: isWhole && median(warm) < 100,
});
