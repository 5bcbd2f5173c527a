import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import type { Task } from './task.ts';

/** A file of the copy: its path there, with `/`, and the hash of its content. */
export interface TaskFile {
  path: string;
  sha256: string;
}

const maxFileBytes = 5_000_000;
const maxFiles = 1000;
const skippedFolders = new Set(['node_modules', 'runs', '__pycache__']);

/**
 * Copies a task's own files to `target`, so that a run can be understood without its task.
 *
 * Of a task that owns its folder: every file but hidden ones, what stands in node_modules, runs and `exclude`, symbolic
 * links, files over 5 MB, and what comes after the first 1,000. Of two single files: these, named `initial_program.*`
 * and `evaluator.*`. Initial program and evaluator are always copied.
 */
export async function copyTask(
  task: Task,
  target: string,
  { exclude = [] }: { exclude?: readonly string[] } = {},
): Promise<{ files: TaskFile[]; skipped: string[] }> {
  const found = task.ownsFolder ? await listFiles(task, exclude) : { sources: ownFiles(task), skipped: [] };
  const files: TaskFile[] = [];
  for (const { from, path } of found.sources) {
    const to = join(target, path);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    files.push({ path, sha256: await sha256Of(to) });
  }
  return { files, skipped: found.skipped };
}

/** Under which name the copy holds the task's initial program. */
export function initialProgramName({ initialProgram }: Pick<Task, 'initialProgram'>): string {
  return `initial_program${extname(initialProgram)}`;
}

/** Under which name the copy holds the task's evaluator. */
export function evaluatorName({ evaluator }: Pick<Task, 'evaluator'>): string {
  return `evaluator${extname(evaluator)}`;
}

/** The SHA-256 of a file, in hex. */
export async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

interface Source {
  from: string;
  path: string;
}

function ownFiles(task: Task): Source[] {
  return [
    { from: task.initialProgram, path: initialProgramName(task) },
    { from: task.evaluator, path: evaluatorName(task) },
  ];
}

async function listFiles(task: Task, exclude: readonly string[]): Promise<{ sources: Source[]; skipped: string[] }> {
  const excluded = new Set(exclude.map((path) => resolve(path)));
  const sources = ownFiles(task);
  const skipped: string[] = [];
  const folders = [task.dir];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const from = join(folder, entry.name);
      const path = relative(task.dir, from).split(sep).join('/');
      if (entry.name.startsWith('.') || excluded.has(from) || sources.some((source) => source.from === from)) continue;
      if (entry.isDirectory()) {
        if (!skippedFolders.has(entry.name)) folders.push(from);
      } else if (!entry.isFile() || sources.length >= maxFiles || (await stat(from)).size > maxFileBytes) {
        skipped.push(path);
      } else {
        sources.push({ from, path });
      }
    }
  }
  return { sources, skipped };
}
