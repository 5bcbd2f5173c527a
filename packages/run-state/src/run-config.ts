import { readFile } from 'node:fs/promises';
import { parseJson } from '@kai/progress/jsonl';
import { z } from 'zod';
import type { Json } from './checkpoint-format.ts';
import { RunStateError, reasonOf } from './errors.ts';
import { lenient, text, textList } from './fields.ts';
import { runPaths } from './paths.ts';
import { recordFormat } from './record-format.ts';
import { replaceFile } from './replace-file.ts';

/** A file in the run's copy of its task. */
export interface RunTaskFile {
  /** In the folder `task` of the run directory, with `/`. */
  path: string;
  /** Hex. */
  sha256: string;
}

/** The task of a run: where it was, and what its files were. */
export interface RunTask {
  /** Absolute, as it was on the host that started the run. */
  dir: string;
  /** Absolute. */
  initialProgram: string;
  /** Absolute. */
  evaluator: string;
  files: RunTaskFile[];
}

/** config.json: how the run was started. Whoever writes it has taken secrets out. */
export interface RunConfig {
  /** Words of the command that started or last resumed the run. */
  command: string[];
  task: RunTask;
  /** The configuration as used, defaults filled in. */
  config: Json;
}

const taskFile = z.object({ path: z.string().min(1), sha256: z.string().min(1) });
const taskFormat = recordFormat(
  'config.json',
  z.object({
    dir: text,
    initialProgram: text,
    evaluator: text,
    files: lenient(z.array(taskFile), (value) =>
      Array.isArray(value) ? value.filter((item) => taskFile.safeParse(item).success) : [],
    ),
  }),
);
const format = recordFormat(
  'config.json',
  z.object({
    command: textList,
    task: z.codec(z.unknown(), z.record(z.string(), z.unknown()), {
      decode: (value) => (typeof value === 'object' && value !== null ? { ...value } : {}),
      encode: (value) => value,
    }),
    config: lenient(z.json(), (value) => (value === undefined ? null : (value as Json))),
  }),
);

/** The object that stands in config.json. @throws RunStateError `format` */
export function encodeRunConfig({ task, ...rest }: RunConfig): Record<string, unknown> {
  return format.encode({ ...rest, task: taskFormat.encode(task) });
}

/** Missing fields get their empty value. @throws RunStateError `format` */
export function parseRunConfig(value: unknown): RunConfig {
  const { task, ...rest } = format.decode(value);
  return { ...rest, task: taskFormat.decode(task) };
}

/**
 * Reads config.json of a run directory; null when there is none.
 *
 * @throws RunStateError `format` when it is there and cannot be read
 */
export async function readRunConfig(runDir: string): Promise<RunConfig | null> {
  const path = runPaths(runDir).config;
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new RunStateError('io', `Could not read ${path}: ${reasonOf(error)}.`, { path, cause: error });
  }
  try {
    return parseRunConfig(parseJson(content));
  } catch (cause) {
    if (cause instanceof RunStateError) throw cause;
    throw new RunStateError('format', `Could not read ${path}: it is not valid JSON (${reasonOf(cause)}).`, {
      path,
      cause,
    });
  }
}

/** Writes config.json whole. @throws RunStateError `format`, and what the file system throws */
export async function writeRunConfig(runDir: string, config: RunConfig): Promise<void> {
  await replaceFile(runPaths(runDir).config, `${JSON.stringify(encodeRunConfig(config), null, 2)}\n`);
}
