// @ts-check
// `pnpm bench [filter]`: builds, runs each bench/*.bench.js whose name holds the filter in a process of its own, and prints
// the figures. Without a filter docs/benchmarks.md is written anew. Exits with 1 when a figure is not what it must be.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { pnpm, root, step } from '../scripts/set-up.js';

/** @typedef {import('./measure.js').Row} Row */

const [filter = ''] = process.argv.slice(2);

/** @param {string} file @returns {Row[]} */
function figuresOf(file) {
  console.log(`> ${file}`);
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', join(root, 'bench', file)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  const rows = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => /** @type {Row} */ (JSON.parse(line)));
  if (status === 0) return rows;
  return [...rows, { what: basename(file, '.bench.js'), mustBe: 'ends', measured: `exit ${status}`, ok: false }];
}

/** @param {readonly Row[]} rows @returns {string} a Markdown table, its columns padded so that it reads well as text too */
function table(rows) {
  const cells = [
    ['what', 'must be', 'measured', ''],
    ...rows.map(({ what, mustBe, measured, ok }) => [what, mustBe, measured, ok ? 'ok' : 'MISSED']),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {string[]} */ row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** @param {readonly Row[]} rows */
function page(rows) {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return `# Benchmarks

\`pnpm bench\` builds the packages, measures each figure in a process of its own and writes this page; \`pnpm bench append\`
runs only the files of \`bench/\` whose name holds the word, and prints. A figure that is a ratio is the median of several
rounds in which the two sides take turns.

Measured on ${new Date().toISOString().slice(0, 10)}: ${cpu?.model.trim()}, ${cpus().length} cores, ${memory}, ${process.platform} ${process.arch}, Node ${process.version},
load average ${load} at the start. Beside a load the times of single events and of starting processes say little.

${table(rows)}
`;
}

if (!step('Building', pnpm('exec', 'turbo', 'run', 'build', '--filter=./packages/*', '--output-logs=errors-only')))
  process.exit(1);
// Taken before the benchmarks make a load of their own.
const load = (loadavg()[0] ?? 0).toFixed(1);
const files = readdirSync(join(root, 'bench')).filter((file) => file.endsWith('.bench.js') && file.includes(filter));
const rows = files.sort().flatMap(figuresOf);
if (rows.length === 0) {
  console.error(`No file bench/*.bench.js has "${filter}" in its name.`);
  process.exit(1);
}
console.log(table(rows));
if (filter === '') writeFileSync(join(root, 'docs', 'benchmarks.md'), page(rows));
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
