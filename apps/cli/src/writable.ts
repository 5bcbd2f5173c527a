import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

const refusals: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a file stands where a folder should be',
};

/** What the file system refused, in words. */
export function refusalText(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return refusals[code ?? ''] ?? message;
}

/** Why nothing can be made at `path`, by the nearest folder on the way to it that is there; null when it can. */
export async function whyNotWritable(path: string): Promise<string | null> {
  for (let place = resolve(path); ; place = dirname(place)) {
    try {
      if (!(await stat(place)).isDirectory()) return refusals.ENOTDIR!;
      await access(place, constants.W_OK | constants.X_OK);
      return null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(place) === place) return refusalText(error);
    }
  }
}
