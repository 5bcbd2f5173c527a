import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bestProgramInfo } from './checkpoints.ts';
import { runPaths } from './paths.ts';
import { readJson } from './read-json.ts';
import { replaceFile } from './replace-file.ts';
import { parseStoredProgram, type StoredProgram } from './stored-program.ts';

/** The best program of a run, as it stands in `best/`. */
export interface BestProgram {
  id: string;
  code: string;
  metrics: Record<string, number>;
  score: number | null;
  /** The iteration that found it. */
  iteration: number;
  /** Absolute path of the file with its code. */
  path: string;
}

/**
 * Replaces `best/best_program<extension>` and `best/best_program_info.json`, each in one step, the code first.
 *
 * @throws what the file system throws
 */
export async function writeBest(
  runDir: string,
  {
    program,
    extension,
    now = () => Date.now() / 1000,
  }: { program: StoredProgram; extension: string; now?: () => number },
): Promise<void> {
  const folder = runPaths(runDir).best;
  await mkdir(folder, { recursive: true });
  await replaceFile(join(folder, `best_program${extension}`), program.code);
  const info = { ...bestProgramInfo(program, { savedAt: now() }), score: program.score };
  await replaceFile(join(folder, 'best_program_info.json'), `${JSON.stringify(info, null, 2)}\n`);
}

/** Reads `best/`; null when it is not there or cannot be read. The score is OpenEvolve's metrics' where none is stored. */
export async function readBestProgram(runDir: string): Promise<BestProgram | null> {
  const folder = runPaths(runDir).best;
  try {
    const names = await readdir(folder);
    const file = names.find((name) => /^best_program(\.[^.]+)?$/.test(name));
    if (file === undefined) return null;
    const path = join(folder, file);
    const code = await readFile(path, 'utf8');
    const info = (await readJson(join(folder, 'best_program_info.json'))) as Record<string, unknown>;
    const metadata = 'score' in info ? { score: info.score } : {};
    const program = parseStoredProgram({ ...info, iteration_found: info.iteration, code, metadata });
    return {
      id: program.id,
      code,
      metrics: program.metrics,
      score: program.score,
      iteration: program.iterationFound,
      path,
    };
  } catch {
    return null;
  }
}
