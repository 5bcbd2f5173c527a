// @ts-check
// What every `*.bench.js` shares. A benchmark imports the built packages, measures, and calls report() for each figure.
// Other work on the machine makes single timings worthless: compare with a baseline of the same run, round by round.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {{ what: string, mustBe: string, measured: string, ok: boolean }} Row One figure, as docs/benchmarks.md shows it. */

/** Hands a figure to the runner: one line of JSON on stdout. @param {Row} row */
export function report({ what, mustBe, measured, ok }) {
  console.log(JSON.stringify({ what, mustBe, measured, ok }));
}

/** An empty folder that is removed when the process ends. @returns {string} its path */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'kai-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @param {readonly number[]} numbers at least one */
export function median(numbers) {
  return quantile(numbers, 0.5);
}

/**
 * Linear between the two nearest, as numpy's default.
 * @param {readonly number[]} numbers at least one
 * @param {number} q 0 to 1
 */
export function quantile(numbers, q) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = /** @type {number} */ (sorted[Math.floor(at)]);
  const high = /** @type {number} */ (sorted[Math.ceil(at)]);
  return low + (high - low) * (at - Math.floor(at));
}

/** Milliseconds that `work` takes. @param {() => unknown} work */
export async function timed(work) {
  globalThis.gc?.();
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Times two works in turn, the order changing from round to round, after one round that does not count.
 * `ratio` is the median over the rounds of subject / baseline, so that what slows the machine down for a while slows both.
 *
 * @param {{ baseline: () => unknown, subject: () => unknown, rounds?: number }} works `rounds`: default 7
 * @returns {Promise<{ ratio: number, baselineMs: number, subjectMs: number }>} the times are medians
 */
export async function compare({ baseline, subject, rounds = 7 }) {
  await timed(baseline);
  await timed(subject);
  /** @type {number[]} */
  const baselines = [];
  /** @type {number[]} */
  const subjects = [];
  for (let round = 0; round < rounds; round++) {
    const turns = round % 2 === 0 ? ['baseline', 'subject'] : ['subject', 'baseline'];
    for (const turn of turns) {
      if (turn === 'baseline') baselines.push(await timed(baseline));
      else subjects.push(await timed(subject));
    }
  }
  const ratios = subjects.map((ms, round) => ms / /** @type {number} */ (baselines[round]));
  return { ratio: median(ratios), baselineMs: median(baselines), subjectMs: median(subjects) };
}
