import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Puts `content` at `path` in one step: written beside it under a temporary name, then renamed over it.
 *
 * The temporary name carries the pid, so that two processes never write into one temporary file.
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
