import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Puts `content` at `path` in one step: written beside it as `<path>.tmp`, then renamed over it.
 *
 * One write of a path at a time. What a crash leaves is overwritten by the next write, since the temporary name is always
 * the same.
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
