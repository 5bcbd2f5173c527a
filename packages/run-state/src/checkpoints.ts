import { link, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Checkpoint,
  type CheckpointMetadata,
  encodeCheckpointMetadata,
  parseCheckpointMetadata,
} from './checkpoint-format.ts';
import { RunStateError, reasonOf } from './errors.ts';
import { runPaths } from './paths.ts';
import { readJson } from './read-json.ts';
import type { RunProblem } from './run-state.ts';
import { encodeStoredProgram, parseStoredProgram, type StoredProgram } from './stored-program.ts';

export interface WriteCheckpointOptions {
  /** Of the file with the best program's code, with its dot, e.g. `.js`. */
  extension: string;
  /** Iteration of the checkpoint before: files of programs that are in it too become hard links. Null: none. */
  previous?: number | null;
  /** Unix seconds. */
  now?: () => number;
}

const folderPattern = /^checkpoint_(0|[1-9]\d*)$/;
const leftoverPattern = /^\.(checkpoint_\d+)\.\d+\.(tmp|old)$/;
/** Program files written or linked at once: enough to hide the latency of a network disk. */
const batchSize = 32;

/**
 * Writes `checkpoints/checkpoint_<iteration>` and resolves to its path.
 *
 * It is built under a temporary name and then renamed: whole, or not there. What a crash left of an earlier write is
 * removed first. A checkpoint of the same iteration is replaced, and put back if a crash falls between the two renames.
 * Programs are immutable once scored, so a program with the id of one in `previous` is linked, not written; where
 * link() fails it is written again.
 *
 * @throws RunStateError `format` for a checkpoint that cannot be written, and what the file system throws
 */
export async function writeCheckpoint(
  runDir: string,
  checkpoint: Checkpoint,
  { extension, previous = null, now = () => Date.now() / 1000 }: WriteCheckpointOptions,
): Promise<string> {
  const root = runPaths(runDir).checkpoints;
  await mkdir(root, { recursive: true });
  await clearLeftovers(root);
  const name = `checkpoint_${checkpoint.iteration}`;
  const temporary = join(root, `.${name}.${process.pid}.tmp`);
  try {
    await mkdir(join(temporary, 'programs'), { recursive: true });
    const before = previous === null ? null : join(root, `checkpoint_${previous}`, 'programs');
    await writePrograms(join(temporary, 'programs'), checkpoint.programs, before);
    const best = checkpoint.programs.find((program) => program.id === checkpoint.bestProgramId);
    if (best !== undefined) {
      const info = bestProgramInfo(best, { savedAt: now(), currentIteration: checkpoint.iteration });
      await writeFile(join(temporary, `best_program${extension}`), best.code);
      await writeFile(join(temporary, 'best_program_info.json'), `${JSON.stringify(info, null, 2)}\n`);
    }
    await writeFile(join(temporary, 'metadata.json'), JSON.stringify(encodeCheckpointMetadata(checkpoint)));
    await replaceFolder(temporary, join(root, name), join(root, `.${name}.${process.pid}.old`));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
  return join(root, name);
}

/** OpenEvolve's best_program_info.json. Times are Unix seconds. */
export function bestProgramInfo(
  program: StoredProgram,
  { savedAt, currentIteration }: { savedAt: number; currentIteration?: number },
): Record<string, unknown> {
  const { id, generation, iteration_found, timestamp, parent_id, metrics, language } = encodeStoredProgram(program);
  return {
    id,
    generation,
    iteration: iteration_found,
    ...(currentIteration === undefined ? {} : { current_iteration: currentIteration }),
    timestamp,
    parent_id,
    metrics,
    language,
    saved_at: savedAt,
  };
}

async function writePrograms(folder: string, programs: StoredProgram[], before: string | null): Promise<void> {
  const linkable = new Set(before === null ? [] : await readdir(before).catch(() => []));
  for (let start = 0; start < programs.length; start += batchSize) {
    const batch = programs.slice(start, start + batchSize);
    await Promise.all(
      batch.map(async (program) => {
        const file = programFile(program.id);
        const isLinked =
          before !== null &&
          linkable.has(file) &&
          (await link(join(before, file), join(folder, file)).then(
            () => true,
            () => false,
          ));
        if (!isLinked)
          await writeFile(join(folder, file), JSON.stringify(encodeStoredProgram(program)), { flag: 'wx' });
      }),
    );
  }
}

function programFile(id: string): string {
  if (id === '' || /[/\\\0]/.test(id)) {
    throw new RunStateError(
      'format',
      `Could not write a checkpoint: the program id ${JSON.stringify(id)} cannot be a file name.`,
    );
  }
  return `${id}.json`;
}

async function replaceFolder(from: string, to: string, aside: string): Promise<void> {
  const isReplacing = await rename(to, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  await rename(from, to);
  if (isReplacing) await rm(aside, { recursive: true, force: true });
}

async function clearLeftovers(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const match = leftoverPattern.exec(name);
    if (match === null) continue;
    const final = join(root, match[1] as string);
    // Between the two renames of a replacement the whole checkpoint exists only under its `.old` name.
    if (match[2] === 'old' && !(await exists(final))) await rename(join(root, name), final);
    else await rm(join(root, name), { recursive: true, force: true });
  }
}

/** The iterations of the whole checkpoints of a run, ascending; empty when there are none. Half-written ones are left out. */
export async function listCheckpoints(runDir: string): Promise<number[]> {
  const root = runPaths(runDir).checkpoints;
  const names = await readdir(root).catch(() => []);
  const numbered = names.flatMap((name) => folderPattern.exec(name)?.[1] ?? []);
  const whole = await Promise.all(
    numbered.map((iteration) => endsAsJson(join(root, `checkpoint_${iteration}`, 'metadata.json'))),
  );
  return numbered
    .filter((_, index) => whole[index])
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * Reads one checkpoint with all its programs, kai's own or OpenEvolve's.
 *
 * A program file that cannot be read is left out, and `onProblem` hears which and why.
 *
 * @throws RunStateError `missing` when there is no such checkpoint, `format` when its metadata cannot be read
 */
export async function readCheckpoint(
  runDir: string,
  iteration: number,
  { onProblem }: { onProblem?: (problem: RunProblem) => void } = {},
): Promise<Checkpoint> {
  const metadata = await readCheckpointMetadata(runDir, iteration);
  const programs: StoredProgram[] = [];
  for (const file of await listProgramFiles(runDir, iteration)) {
    const program = await readProgramFile(runDir, `checkpoints/checkpoint_${iteration}/programs/${file}`, {
      metadata,
      onProblem,
    });
    if (program !== null) programs.push(program);
  }
  return { ...metadata, programs };
}

/** The names of the program files of a checkpoint, in order of name; none when the folder is missing. */
export async function listProgramFiles(runDir: string, iteration: number): Promise<string[]> {
  const folder = join(runPaths(runDir).checkpoints, `checkpoint_${iteration}`, 'programs');
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort();
}

/** metadata.json alone. @throws RunStateError `missing` or `format` */
export async function readCheckpointMetadata(runDir: string, iteration: number): Promise<CheckpointMetadata> {
  const path = join(runPaths(runDir).checkpoints, `checkpoint_${iteration}`, 'metadata.json');
  try {
    // The folder's name wins over last_iteration: it is what people and listCheckpoints call the checkpoint.
    return { ...parseCheckpointMetadata(await readJson(path)), iteration };
  } catch (cause) {
    const isDamaged = cause instanceof SyntaxError || cause instanceof RunStateError;
    throw new RunStateError(isDamaged ? 'format' : 'missing', `Could not read ${path}: ${reasonOf(cause)}`, {
      path,
      cause,
    });
  }
}

/** One program file, named by its path in the run directory; null, and a problem, when it cannot be read. */
export async function readProgramFile(
  runDir: string,
  file: string,
  { metadata, onProblem }: { metadata: CheckpointMetadata; onProblem?: (problem: RunProblem) => void },
): Promise<StoredProgram | null> {
  try {
    const value = await readJson(join(runDir, file));
    return parseStoredProgram(value, { featureDimensions: Object.keys(metadata.featureStats) });
  } catch (error) {
    onProblem?.({ file, line: null, reason: reasonOf(error) });
    return null;
  }
}

/**
 * Whether the file is there to its end. OpenEvolve writes metadata.json in place, after all programs: a whole one ends with
 * its closing brace.
 */
async function endsAsJson(path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const end = Buffer.alloc(Math.min(size, 16));
    await file.read(end, 0, end.length, size - end.length);
    return end.toString('latin1').trimEnd().endsWith('}');
  } catch {
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
