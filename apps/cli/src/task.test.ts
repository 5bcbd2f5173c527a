import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findTask } from './task.ts';
import { copyTask } from './task-copy.ts';

const command = 'pnpm kai';

async function folderWith(files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'kai-task-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  return dir;
}

test('a folder with an initial program and an evaluator is a task', async () => {
  const dir = await folderWith({ 'initial_program.js': '', 'evaluator.mjs': '' });
  expect(await findTask([dir], { command })).toEqual({
    dir,
    name: basename(dir),
    initialProgram: join(dir, 'initial_program.js'),
    evaluator: join(dir, 'evaluator.mjs'),
    ownsFolder: true,
  });
});

test('an initial program and an evaluator may lie in different folders', async () => {
  const dir = await folderWith({ 'search/program.py': '', 'score/check.js': '' });
  const task = await findTask([join(dir, 'search/program.py'), join(dir, 'score/check.js')], { command });
  expect(task).toMatchObject({ dir: join(dir, 'score'), name: 'search', ownsFolder: false });
});

test('a folder without an initial program says what was found and what a task needs', async () => {
  const dir = await folderWith({ 'evaluator.js': '', 'notes.txt': '' });
  await expect(findTask([dir], { command })).rejects.toThrow(
    `${dir} is not a task: there is no initial_program.* in it (found: evaluator.js, notes.txt). A task is a folder with initial_program.js`,
  );
});

test('two initial programs are refused by name', async () => {
  const dir = await folderWith({ 'initial_program.js': '', 'initial_program.py': '', 'evaluator.js': '' });
  await expect(findTask([dir], { command })).rejects.toThrow(
    'there are 2 initial programs (found: initial_program.js, initial_prog',
  );
});

test('an evaluator in another language is refused', async () => {
  const dir = await folderWith({ 'initial_program.py': '', 'evaluator.py': '' });
  await expect(findTask([dir], { command })).rejects.toThrow('this version runs JavaScript evaluators only');
});

test('a missing path, a single file and a folder in place of a file are told apart', async () => {
  const dir = await folderWith({ 'program.js': '', 'evaluator.js': '' });
  await expect(findTask([join(dir, 'nope')], { command })).rejects.toThrow('there is no such file or folder');
  await expect(findTask([join(dir, 'program.js')], { command })).rejects.toThrow(
    `pnpm kai run ${join(dir, 'program.js')} evaluator.js`,
  );
  await expect(findTask([dir, join(dir, 'evaluator.js')], { command })).rejects.toThrow(
    'is a folder. Expected two files',
  );
});

test("a task's own files are copied with their hashes; dependencies, runs, hidden and big files are not", async () => {
  const dir = await folderWith({
    'initial_program.js': 'let x;',
    'evaluator.js': 'export {}',
    'data/points.json': '[]',
    'data/huge.bin': 'x'.repeat(5_000_001),
    '.env': 'KEY=secret',
    'node_modules/a/index.js': '',
    'runs/a/run_0/run.json': '{}',
    'elsewhere/b/run_0/run.json': '{}',
  });
  const target = await folderWith({});
  const copy = await copyTask(await findTask([dir], { command }), target, { exclude: [join(dir, 'elsewhere')] });
  expect(copy).toEqual({
    files: [
      { path: 'initial_program.js', sha256: 'd1dd7ab9aab9eace468cdc9457e4d535eea40b0f745c587832351bc8a9a53e3b' },
      { path: 'evaluator.js', sha256: 'f4c5cf9bb78e85f15dc27180260637cf24b2a24bc39e0788783a3accc4dde614' },
      { path: 'data/points.json', sha256: '4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945' },
    ],
    skipped: ['data/huge.bin'],
  });
  expect(await readFile(join(target, 'data/points.json'), 'utf8')).toBe('[]');
});

test('of two single files only these are copied, under the names of a task folder', async () => {
  const dir = await folderWith({ 'program.py': 'x = 1', 'check.cjs': '', 'private.txt': '' });
  const target = await folderWith({});
  const { files } = await copyTask(
    await findTask([join(dir, 'program.py'), join(dir, 'check.cjs')], { command }),
    target,
  );
  expect(files.map(({ path }) => path)).toEqual(['initial_program.py', 'evaluator.cjs']);
});
