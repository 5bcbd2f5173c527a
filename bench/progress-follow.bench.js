// @ts-check
// From the append in this process to the record in a followProgress loop of another one, and what an idle follower costs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ProgressWriter } from '@kai/progress';
import { quantile, report, temporaryFolder } from './measure.js';

const folder = temporaryFolder();
// Each side stamps with process.hrtime, the one clock that all processes of a machine share.
const follower = spawn(
  process.execPath,
  [
    '--input-type=module',
    '--eval',
    `import { followProgress } from '@kai/progress';
     process.stdin.resume().on('end', () => process.exit());
     process.stdin.on('data', () => console.log(JSON.stringify({ cpu: process.cpuUsage() })));
     for await (const { iter } of followProgress(process.argv[1])) {
       const at = Number(process.hrtime.bigint()) / 1e6;
       console.log(JSON.stringify({ iter, at }));
     }`,
    folder,
  ],
  { cwd: fileURLToPath(new URL('.', import.meta.url)), stdio: ['pipe', 'pipe', 'inherit'] },
);
const lines = createInterface({ input: follower.stdout })[Symbol.asyncIterator]();
const answer = async () => JSON.parse((await lines.next()).value ?? '');

const writer = new ProgressWriter(folder);
/** @type {number[]} */
const latencies = [];
for (let iter = 0; iter < 2100; iter++) {
  const start = Number(process.hrtime.bigint()) / 1e6;
  writer.append({ iter, score: iter, best: iter, programId: null, model: null, ts: Date.now() / 1000 });
  const { at } = await answer();
  // The first ones wait for the start of the process and for its code to become warm.
  if (iter >= 100) latencies.push(at - start);
  await wait(iter % 5);
}
const p99 = quantile(latencies, 0.99);
report({
  what: 'append to a followProgress consumer in another process, 2,000 appends',
  mustBe: 'p99 under 10 ms',
  measured: `p99 ${p99.toFixed(2)} ms, median ${quantile(latencies, 0.5).toFixed(2)} ms`,
  ok: p99 < 10,
});

const cpu = async () => {
  follower.stdin.write('\n');
  const { cpu } = await answer();
  return (cpu.user + cpu.system) / 1000;
};
await cpu();
const before = await cpu();
await wait(10_000);
const idle = ((await cpu()) - before) / 10;
report({
  what: 'CPU of a follower whose feed rests',
  mustBe: 'under 5 ms a second',
  measured: `${idle.toFixed(2)} ms a second`,
  ok: idle < 5,
});
await writer.close();
follower.stdin.end();
await once(follower, 'exit');
