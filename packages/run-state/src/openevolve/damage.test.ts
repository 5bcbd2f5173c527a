import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRunState } from '../read-run-state.ts';
import { readOpenEvolvePrograms } from './read-openevolve-programs.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const shapes = readdirSync(fixtures, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? entry.name : [],
);
/** Later than any file's last change, so that nothing seems to be being written. */
const now = () => Date.now() / 1000 + 86_400;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kai-damage-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const isProgram = (path: string) => path.includes('/programs/');
const stepOf = (path: string) => Number(/checkpoint_(\d+)/.exec(path)?.[1] ?? 0);

async function countPrograms(): Promise<number> {
  let count = 0;
  for await (const _ of readOpenEvolvePrograms(root, { now })) count++;
  return count;
}

test.each(shapes)('every file of "%s", cut anywhere, costs itself only, and is named', async (shape) => {
  cpSync(join(fixtures, shape, 'openevolve_output'), root, { recursive: true });
  const all = await countPrograms();
  const paths = readdirSync(root, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? join(entry.parentPath, entry.name) : [],
  );
  for (const path of paths) {
    const bytes = readFileSync(path);
    // What a newer record replaces is not read. Half a last line is not there yet.
    const isReplaced =
      isProgram(path) && paths.some((other) => stepOf(other) > stepOf(path) && basename(other) === basename(path));
    for (const cut of [0, 1, Math.floor(bytes.length / 3), Math.floor((bytes.length * 2) / 3), bytes.length - 1]) {
      writeFileSync(path, bytes.subarray(0, cut));
      const { problems } = await readRunState(root, { now });
      const isNamed = problems.some(({ file }) => file === relative(root, path));
      expect([path, cut, isNamed]).toEqual([path, cut, path.endsWith('.json') && !isReplaced]);
      const count = await countPrograms();
      if (path.endsWith('.json')) expect([path, cut, count >= all - 1 && count <= all]).toEqual([path, cut, true]);
    }
    writeFileSync(path, bytes);
  }
  expect(await countPrograms()).toBe(all);
});

test('a line of the trace that is damaged is named, and the others count', async () => {
  cpSync(join(fixtures, 'trace/openevolve_output'), root, { recursive: true });
  const path = join(root, 'evolution_trace.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, [lines[0], lines[1]!.slice(0, 50), '{"iteration": 7}', lines[2], ''].join('\n'));
  const { problems, failed } = await readRunState(root, { now });
  expect(problems).toMatchObject([
    { file: 'evolution_trace.jsonl', line: 2 },
    { file: 'evolution_trace.jsonl', line: 3 },
  ]);
  expect(failed).toBe(1);
});

test('of a program whose newest record is damaged the older one counts', async () => {
  cpSync(join(fixtures, 'present/openevolve_output'), root, { recursive: true });
  const file = 'checkpoints/checkpoint_20/programs/00000002-0000-4000-8000-000000000000.json';
  writeFileSync(join(root, file), '{"id": "0000');
  const { trajectory, problems } = await readRunState(root, { now });
  expect(trajectory.samples.map(({ score }) => score)).toEqual([0.25, 0.5, 0.75, 0.625]);
  expect(problems.map((problem) => problem.file)).toEqual([file]);
});
