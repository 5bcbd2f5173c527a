// @ts-check
// One write per record, with all that the writer does beside it, against the bare write of the line as already encoded.
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { encodeProgressLine, ProgressWriter } from '@kai/progress';
import { compare, report, temporaryFolder } from './measure.js';

const count = 100_000;
const folder = temporaryFolder();
let best = Number.NEGATIVE_INFINITY;
// As a run writes them: any double for a score, its best so far, a clock of milliseconds.
const records = Array.from({ length: count }, (_, iter) => {
  const score = Math.sin(iter) * Math.sqrt(iter);
  best = Math.max(best, score);
  const programId = `0b7c4f7e-51d3-4d8e-9a55-${String(iter).padStart(12, '0')}`;
  return { iter, score, best, programId, model: 'gpt-5-mini', ts: (1_795_380_000_000 + 77 * iter) / 1000 };
});
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
