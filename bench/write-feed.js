// @ts-check
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encodeProgressLine, FEED_FILE } from '@kai/progress';

/**
 * The records of a long run, the same at every call: any double for a score, its best so far, one failure in 50, a clock
 * of milliseconds.
 *
 * @param {number} count
 * @returns {Generator<import('@kai/progress').ProgressRecord, void>}
 */
export function* feedRecords(count) {
  let best = Number.NEGATIVE_INFINITY;
  for (let iter = 0; iter < count; iter++) {
    const score = iter % 50 === 49 ? null : Math.sin(iter) * Math.sqrt(iter);
    best = Math.max(best, score ?? best);
    const programId = `0b7c4f7e-51d3-4d8e-9a55-${String(iter).padStart(12, '0')}`;
    yield { iter, score, best, programId, model: 'gpt-5-mini', ts: (1_795_380_000_000 + 77 * iter) / 1000 };
  }
}

/** Writes such a feed in large pieces. @param {string} dir @param {number} count */
export function writeFeed(dir, count) {
  const fd = openSync(join(dir, FEED_FILE), 'w');
  let text = '';
  for (const record of feedRecords(count)) {
    text += `${encodeProgressLine(record)}\n`;
    if (text.length < 1_000_000) continue;
    writeSync(fd, text);
    text = '';
  }
  writeSync(fd, text);
  closeSync(fd);
}
