import type { Stats } from 'node:fs';

/** What stands where a file was expected, in a word. */
export function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'directory';
  if (stats.isFIFO()) return 'named pipe';
  if (stats.isSocket()) return 'socket';
  return 'device';
}
