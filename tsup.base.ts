import type { Options } from 'tsup';

/**
 * The one build recipe of the house: ESM for Node 20 with types and source maps, one output file per entry.
 *
 * @param entry output name to source file, e.g. `{ index: 'src/index.ts' }`
 */
export function libraryBuild(entry: Record<string, string>): Options {
  return {
    entry,
    format: ['esm'],
    target: 'node20',
    platform: 'node',
    dts: true,
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: true,
  };
}
