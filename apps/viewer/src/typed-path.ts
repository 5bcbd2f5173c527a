import { isAbsolute, relative } from 'node:path';

/** A path as a person types it in a shell from where they stand: relative where it lies below, quoted where it must be. */
export function typedPath(path: string, workingDirectory = process.cwd()): string {
  const fromHere = relative(workingDirectory, path);
  const typed = fromHere === '' ? '.' : fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere;
  return /^[A-Za-z0-9_./:@%+,=-]+$/.test(typed) ? typed : `'${typed.replaceAll("'", "'\\''")}'`;
}
