import { rename, rm, writeFile } from 'node:fs/promises';
import { temporaryName } from './temporary-name.ts';

/** Puts `content` at `path` in one step: written beside it under a name of its own, then renamed over it. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
