// @ts-check
// What a TrajectoryBuilder holds after a very long run, and what a record costs it then.
import { TrajectoryBuilder } from '@kai/progress';
import { median, report } from './measure.js';
import { feedRecords } from './write-feed.js';

const gc = globalThis.gc;
if (gc === undefined) throw new Error('Start this with node --expose-gc, as bench/run.js does.');

const builder = new TrajectoryBuilder();
/** Nanoseconds per record, by blocks of 10,000 records made beforehand. @type {number[]} */
const costs = [];
/** @type {number[]} */
const heaps = [];
/** @type {import('@kai/progress').ProgressRecord[]} */
let block = [];
for (const record of feedRecords(10_000_000)) {
  block.push(record);
  if (block.length < 10_000) continue;
  const start = performance.now();
  for (const one of block) builder.add(one);
  costs.push(((performance.now() - start) * 1e6) / block.length);
  block = [];
  if (costs.length !== 1 && costs.length !== 1000) continue;
  await new Promise((resolve) => setImmediate(resolve));
  gc();
  gc();
  heaps.push(process.memoryUsage().heapUsed);
}
const { count } = builder.trajectory();
const [early = 0, late = 0] = heaps;
const grown = (late - early) / 2 ** 20;
report({
  what: 'memory of a TrajectoryBuilder after 10,000,000 records',
  mustBe: 'within 2 MB of after 10,000',
  measured: `${grown >= 0 ? '+' : ''}${grown.toFixed(2)} MB`,
  ok: grown <= 2 && count === 10_000_000,
});

const first = median(costs.slice(1, 101));
const last = median(costs.slice(-100));
report({
  what: 'a record added to a TrajectoryBuilder at 10,000,000 records, against at 1,000,000',
  mustBe: 'at most 1.5 times its time',
  measured: `${(last / first).toFixed(2)} (${last.toFixed(0)} ns against ${first.toFixed(0)} ns)`,
  ok: last / first <= 1.5,
});
