// @ts-check
// From one append to the new state that watchRun gives for it, of a run with a short feed and of one with a long feed.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ProgressWriter } from '@kai/progress';
import { parseManifest, watchRun, writeManifest } from '@kai/run-state';
import { compare, median, report, temporaryFolder } from './measure.js';
import { writeFeed } from './write-feed.js';

const folder = temporaryFolder();
const appends = 100;

/** @param {number} count */
async function watched(count) {
  const dir = join(folder, `records-${count}`);
  mkdirSync(dir);
  await writeManifest(dir, parseManifest({ status: 'finished' }));
  writeFeed(dir, count);
  const states = watchRun(dir);
  const writer = new ProgressWriter(dir);
  let iter = count - 1;
  await states.next();
  /** @type {number[]} */
  const latencies = [];
  const append = async () => {
    for (let nth = 0; nth < appends; nth++) {
      iter++;
      const start = performance.now();
      writer.append({ iter, score: Math.sin(iter), best: null, programId: `p${iter}`, model: null, ts: iter });
      for (;;) {
        const { value } = await states.next();
        if (value?.iteration === iter) break;
      }
      latencies.push(performance.now() - start);
      await wait(1);
    }
  };
  return { append, latencies, close: () => states.return(undefined) };
}

const short = await watched(1000);
const long = await watched(1_000_000);
/** @type {number[]} */
const ratios = [];
await compare({ baseline: short.append, subject: long.append, rounds: 9 });
for (let round = 1; round < short.latencies.length / appends; round++) {
  const ofRound = (/** @type {number[]} */ latencies) =>
    median(latencies.slice(round * appends, (round + 1) * appends));
  ratios.push(ofRound(long.latencies) / ofRound(short.latencies));
}
await Promise.all([short.close(), long.close()]);
const latency = median(long.latencies.slice(appends));
report({
  what: 'one new record at 1,000,000 records: append to new RunState, against the same at 1,000 records',
  mustBe: 'at most 1.5 times, and under 5 ms',
  measured: `${median(ratios).toFixed(2)} times, ${latency.toFixed(2)} ms`,
  ok: median(ratios) <= 1.5 && latency < 5,
});
