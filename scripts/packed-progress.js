// @ts-check
// @kai/progress as somebody else gets it: packed, and installed into an empty ESM project.
import { execFile } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { root } from './set-up.js';

const run = promisify(execFile);
const folder = join(root, 'packages', 'progress');

/** Packs the package as built. @param {string} into a folder @returns {Promise<string>} the path of the tarball */
export async function packProgress(into) {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', into], { cwd: folder });
  return join(into, JSON.parse(stdout)[0].filename);
}

/**
 * Makes a project that holds the tarball and nothing else, with `smoke.js` and `smoke.mts` that use it. zod comes from this
 * clone, so that no registry is asked.
 *
 * @param {string} project a folder to make
 * @param {string} tarball
 */
export async function installProgress(project, tarball) {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  const zod = realpathSync(join(folder, 'node_modules', 'zod'));
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball, `zod@file:${zod}`], { cwd: project });
  writeFileSync(join(project, 'smoke.mts'), smoke);
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(join(project, 'smoke.js'), ts.transpileModule(smoke, { compilerOptions: options }).outputText);
}

/** Uses both entry points, and ends with the line `ok`. */
const smoke = `import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { followProgress, ProgressWriter, progressTrajectory, readProgress, TrajectoryBuilder } from '@kai/progress';
import { JsonlTail } from '@kai/progress/jsonl';

const dir = mkdtempSync(join(tmpdir(), 'kai-smoke-'));
const writer = new ProgressWriter(dir);
const append = (iter: number, score: number) => writer.append({ iter, score, best: 2, programId: 'ü', model: null, ts: 1 });
append(0, 2);
append(1, Number.NaN);
for await (const { iter } of followProgress(dir)) {
  if (iter === 1) append(2, 1);
  if (iter === 2) break;
}
await writer.close();
const records = await readProgress(dir);
const builder = new TrajectoryBuilder();
for (const record of records) builder.add(record);
if (JSON.stringify(builder.trajectory()) !== JSON.stringify(progressTrajectory(records))) throw new Error('chunks');
const { best, failed, count } = builder.trajectory();
if (best !== 2 || failed !== 1 || count !== 3) throw new Error(JSON.stringify(records));
const lines: string[] = [];
await new JsonlTail(join(dir, 'progress.jsonl')).read({ onLine: ({ text }) => lines.push(text) });
if (lines.length !== 3) throw new Error(lines.join());
console.log('ok');
`;
