// @ts-check
// A whole feed of 1,000,000 records, decoded and checked, against readline and JSON.parse that keep the bare objects.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { FEED_FILE, readProgress } from '@kai/progress';
import { compare, report, temporaryFolder } from './measure.js';
import { writeFeed } from './write-feed.js';

const count = 1_000_000;
const folder = temporaryFolder();
writeFeed(folder, count);

/** @type {unknown[]} */
let kept = [];
const { ratio, baselineMs, subjectMs } = await compare({
  baseline: async () => {
    kept = [];
    for await (const line of createInterface({ input: createReadStream(`${folder}/${FEED_FILE}`) })) {
      kept.push(JSON.parse(line));
    }
  },
  subject: async () => {
    kept = [];
    kept = await readProgress(folder);
  },
  rounds: 5,
});

report({
  what: 'cold read of 1,000,000 records, against readline and JSON.parse that keep the objects',
  mustBe: 'at most 1.3 times its time',
  measured: `${ratio.toFixed(2)} (${(subjectMs / 1000).toFixed(2)} s against ${(baselineMs / 1000).toFixed(2)} s)`,
  ok: ratio <= 1.3 && kept.length === count,
});
