import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installProgress, packProgress } from '../scripts/packed-progress.js';

const run = promisify(execFile);
const bin = (name: string) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

let folder: string;
let tarball: string;
let project: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kai-packed-'));
  tarball = await packProgress(folder);
  project = join(folder, 'project');
  await installProgress(project, tarball);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the packed @kai/progress installs into an empty ESM project and works there, with zod alone beside it', async () => {
  const { stdout } = await run(process.execPath, ['smoke.js'], { cwd: project });
  expect(stdout).toBe('ok\n');
  const manifest = JSON.parse(readFileSync(join(project, 'node_modules/@kai/progress/package.json'), 'utf8'));
  expect(Object.keys(manifest.dependencies)).toEqual(['zod']);
  expect([manifest.peerDependencies, manifest.optionalDependencies]).toEqual([undefined, undefined]);
});

test('the tarball holds what runs, its types and sources, and kai_progress.py, but no tests', async () => {
  const { stdout } = await run('tar', ['-tzf', tarball]);
  const files = stdout.trim().split('\n');
  for (const name of ['dist/index.js', 'dist/index.d.ts', 'dist/jsonl.js', 'dist/jsonl.d.ts', 'src/index.ts']) {
    expect(files).toContain(`package/${name}`);
  }
  expect(files).toContain('package/python/kai_progress.py');
  expect(files.filter((name) => /test|fixtures|__pycache__/.test(name))).toEqual([]);
});

test('its types compile without skipLibCheck, and refuse what is wrong', { timeout: 120_000 }, async () => {
  writeFileSync(join(project, 'wrong.mts'), `import { readProgress } from '@kai/progress';\nreadProgress(1);\n`);
  const typeRoots = fileURLToPath(new URL('../node_modules/@types', import.meta.url));
  const flags = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node'];
  const compiling = run(bin('tsc'), [...flags, '--typeRoots', typeRoots, 'smoke.mts', 'wrong.mts'], { cwd: project });
  const { stdout } = await compiling.catch((error: { stdout: string }) => error);
  expect(stdout).toMatch(/^wrong\.mts\(2,14\): error TS2345: .* 'number' .* 'string'\.\n$/);
});

test('publint has nothing to say about the tarball', async () => {
  const bytes = readFileSync(tarball);
  const packed = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  expect((await publint({ pack: { tarball: packed }, strict: true })).messages).toEqual([]);
});

test('attw finds its types right wherever ES modules are resolved', async () => {
  // Ends with an error code when a problem is not one that the profile allows: no require(), no Node 10.
  const { stdout } = await run(bin('attw'), [tarball, '--profile', 'esm-only', '--format', 'json']);
  const { analysis } = JSON.parse(stdout);
  expect(Object.keys(analysis.entrypoints)).toEqual(['.', './decode', './jsonl', './package.json']);
});
