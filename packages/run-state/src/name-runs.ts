import { createHash } from 'node:crypto';
import { sep } from 'node:path';
import { placeOf, type RunPlace } from './run-place.ts';

/** A run directory and what it is called. */
export interface FoundRun extends RunPlace {
  /** Absolute. */
  dir: string;
}

/** What each run directory is called, so that no two have one name; sorted by label and idx. */
export function nameRuns(dirs: readonly string[]): FoundRun[] {
  const places = dirs.map((dir) => ({ dir, ...placeOf(dir) })).sort(byClaim);
  const uses = new Map<string, number>();
  const count = (name: string) => {
    const used = uses.get(name) ?? 0;
    uses.set(name, used + 1);
    return used;
  };
  const ranks = places.map(({ label, idx }) => count(`${label}/${idx}`));
  const runs = places.map(({ dir, label, idx, isForeign }, index) => {
    // Of several foreign runs none has the better claim to the name, so that none takes it.
    const isAlone = uses.get(`${label}/${idx}`) === 1;
    const keepsName = isAlone || (ranks[index] === 0 && !isForeign);
    return { dir, idx, label: keepsName ? label : `${label.slice(0, 57)}-${pathHash(dir)}` };
  });
  return runs.sort((a, b) => compare(a.label, b.label) || a.idx - b.idx);
}

type Place = FoundRun & { isForeign: boolean };

/** kai's own runs before foreign ones, then those closer to the root. */
function byClaim(a: Place, b: Place): number {
  const depth = ({ dir }: Place) => dir.split(sep).length;
  return Number(a.isForeign) - Number(b.isForeign) || depth(a) - depth(b) || compare(a.dir, b.dir);
}

function pathHash(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 6);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
