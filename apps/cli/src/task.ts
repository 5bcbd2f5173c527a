import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { usageError } from './cli-error.ts';
import { shellWord } from './context.ts';

/** Where the parts of a task are. Paths are absolute. */
export interface Task {
  /** Its folder: where kai.yaml is looked for. With two files: the evaluator's folder. */
  dir: string;
  /** What runs of it are called, before it is made fit for a label. */
  name: string;
  initialProgram: string;
  evaluator: string;
  /** Whether the folder is the task's own, so that all its files belong to it. */
  ownsFolder: boolean;
}

const evaluatorExtensions = ['.js', '.mjs', '.cjs'];
const whatATaskNeeds =
  'A task is a folder with initial_program.js (or another extension) and evaluator.js, and optionally kai.yaml.';

/**
 * Finds the task that the arguments of `kai run` name: a folder, or an initial program and an evaluator.
 *
 * @throws CliError `usage` that says what is missing and what was found
 */
export async function findTask(paths: readonly string[], { command }: { command: string }): Promise<Task> {
  const [first, second] = paths;
  if (first === undefined) throw usageError(`Which task? ${whatATaskNeeds}`);
  return second === undefined ? await taskInFolder(first, command) : await taskOfFiles(first, second, command);
}

async function taskInFolder(path: string, command: string): Promise<Task> {
  const dir = resolve(path);
  if ((await kindOf(path)) !== 'folder') {
    throw usageError(
      `${path} is a file. Name the task's folder, or an initial program and an evaluator: ${command} run ${shellWord(path)} evaluator.js`,
    );
  }
  const names = (await readdir(dir, { withFileTypes: true })).filter((entry) => !entry.isDirectory());
  const files = names.map(({ name }) => name).sort();
  const programs = files.filter((name) => /^initial_program\.[A-Za-z0-9]+$/.test(name));
  const evaluators = files.filter((name) => /^evaluator\.[A-Za-z0-9]+$/.test(name));
  if (programs.length === 0) throw notATask(path, 'there is no initial_program.* in it', files);
  if (programs.length > 1) throw notATask(path, `there are ${programs.length} initial programs`, programs);
  if (evaluators.length === 0) throw notATask(path, 'there is no evaluator.js in it', files);
  const usable = evaluators.filter((name) => evaluatorExtensions.includes(extname(name)));
  if (usable.length > 1) throw notATask(path, `there are ${usable.length} evaluators`, usable);
  const evaluator = join(dir, usable[0] ?? evaluators[0]!);
  checkEvaluator(evaluator);
  return { dir, name: basename(dir), initialProgram: join(dir, programs[0]!), evaluator, ownsFolder: true };
}

async function taskOfFiles(program: string, evaluator: string, command: string): Promise<Task> {
  for (const path of [program, evaluator]) {
    if ((await kindOf(path)) === 'folder') {
      throw usageError(`${path} is a folder. Expected two files: ${command} run <initial_program> <evaluator>`);
    }
  }
  checkEvaluator(evaluator);
  if (!/^(\.[A-Za-z0-9]+)?$/.test(extname(program))) {
    throw usageError(`${program} has the extension "${extname(program)}". Expected letters and digits, e.g. ".js".`);
  }
  const initialProgram = resolve(program);
  return {
    dir: dirname(resolve(evaluator)),
    name: basename(dirname(initialProgram)),
    initialProgram,
    evaluator: resolve(evaluator),
    ownsFolder: false,
  };
}

function checkEvaluator(path: string): void {
  if (evaluatorExtensions.includes(extname(path))) return;
  throw usageError(
    `${path}: this version runs JavaScript evaluators only (evaluator.js, .mjs or .cjs), which export evaluate(programPath).`,
  );
}

async function kindOf(path: string): Promise<'file' | 'folder'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such file or folder' : message;
    throw usageError(`${path}: ${why}.`, { cause });
  }
}

function notATask(path: string, why: string, found: readonly string[]) {
  const names = found.length > 12 ? [...found.slice(0, 12), `and ${found.length - 12} more`] : found;
  const listed = names.length === 0 ? 'no files' : names.join(', ');
  return usageError(`${path} is not a task: ${why} (found: ${listed}). ${whatATaskNeeds}`);
}
