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
  const keepsName = places.map(({ label, idx, isForeign }, index) => {
    // Of several foreign runs none has the better claim to the name, so that none takes it.
    const isAlone = uses.get(`${label}/${idx}`) === 1;
    return isAlone || (ranks[index] === 0 && !isForeign);
  });
  const taken = new Set(places.filter((_, index) => keepsName[index]).map(({ label, idx }) => `${label}/${idx}`));
  const runs = places.map(({ dir, label, idx }, index) => {
    if (keepsName[index]) return { dir, idx, label };
    let length = shortestHash;
    while (length < longestHash && taken.has(`${hashedLabel(label, dir, length)}/${idx}`)) length++;
    const hashed = hashedLabel(label, dir, length);
    taken.add(`${hashed}/${idx}`);
    return { dir, idx, label: hashed };
  });
  return runs.sort((a, b) => compare(a.label, b.label) || a.idx - b.idx);
}

type Place = FoundRun & { isForeign: boolean };

/** kai's own runs before foreign ones, then those closer to the root. */
function byClaim(a: Place, b: Place): number {
  const depth = ({ dir }: Place) => dir.split(sep).length;
  return Number(a.isForeign) - Number(b.isForeign) || depth(a) - depth(b) || compare(a.dir, b.dir);
}

const shortestHash = 6;
const longestHash = 40;
const maxLabelLength = 64;

function hashedLabel(label: string, path: string, length: number): string {
  const hash = createHash('sha256').update(path).digest('hex').slice(0, length);
  return `${label.slice(0, maxLabelLength - 1 - length)}-${hash}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
