// @ts-check
// One write per record, with all that the writer does beside it, against the bare write of the line as already encoded.
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encodeProgressLine, ProgressWriter } from '@kai/progress';
import { compare, report, temporaryFolder } from './measure.js';
import { feedRecords } from './write-feed.js';

const count = 100_000;
const folder = temporaryFolder();
const records = [...feedRecords(count)];
const lines = records.map((record) => `${encodeProgressLine(record)}\n`);
const fd = openSync(join(folder, 'bare.jsonl'), 'a');
const writer = new ProgressWriter(folder);

const { ratio, baselineMs, subjectMs } = await compare({
  baseline: () => {
    for (const line of lines) writeSync(fd, line);
  },
  subject: () => {
    for (const record of records) writer.append(record);
  },
  rounds: 15,
});
closeSync(fd);
await writer.close();

const rate = (/** @type {number} */ ms) => `${Math.round(count / ms).toLocaleString('en')}k`;
report({
  what: 'append, one write per record, against bare writeSync of the encoded line',
  mustBe: 'at least 0.4 of its rate',
  measured: `${(1 / ratio).toFixed(2)} (${rate(subjectMs)} against ${rate(baselineMs)} lines/s)`,
  ok: 1 / ratio >= 0.4 && writer.dropped === 0,
});
