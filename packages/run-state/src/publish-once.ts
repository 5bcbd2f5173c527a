import { link, rm, writeFile } from 'node:fs/promises';
import { temporaryName } from './temporary-name.ts';

/** What link() fails with on disks that have no hard links. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/**
 * Puts a new file with `content` at `path`, whole at once; false when there is something already, which stays. Of several
 * processes that try at the same instant one alone gets true. Where a disk has no hard links the file is there a moment before
 * its content is.
 *
 * @throws what the file system throws
 */
export async function publishOnce(path: string, content: string): Promise<boolean> {
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, content);
    await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
      if (!noLinks.has(error.code ?? '')) throw error;
      return writeFile(path, content, { flag: 'wx' });
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
