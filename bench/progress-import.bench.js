// @ts-check
// A process that imports @kai/progress, against one that imports nothing: two fresh Nodes in turn.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compare, report } from './measure.js';

/** @param {string} source */
function run(source) {
  const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`node exited with ${status}`);
}

const { baselineMs, subjectMs } = await compare({
  baseline: () => run(''),
  subject: () => run("import '@kai/progress'"),
  rounds: 31,
});
const ms = subjectMs - baselineMs;
report({
  what: 'importing @kai/progress, on top of the start of Node',
  mustBe: 'at most 60 ms',
  measured: `${ms.toFixed(0)} ms (${subjectMs.toFixed(0)} ms against ${baselineMs.toFixed(0)} ms)`,
  ok: ms <= 60,
});
