import { stat } from 'node:fs/promises';
import { type FoundRun, findRuns } from '@kai/run-state';

/** Milliseconds for which a list of runs is taken as it was. */
const freshMs = 1000;

/**
 * Which runs there are. The only place where a label and an idx become a path: by being found, never by being joined.
 */
export class RunCatalog {
  readonly #root: string;
  #finding: Promise<FoundRun[]> | null = null;
  #found: FoundRun[] = [];
  #foundAt = Number.NEGATIVE_INFINITY;

  constructor(root: string) {
    this.#root = root;
  }

  /** All runs, at most a second old. */
  async list(): Promise<FoundRun[]> {
    return performance.now() - this.#foundAt < freshMs ? this.#found : this.#find();
  }

  /** The run of that name; undefined when there is none. A run that is known costs one look at its directory. */
  async get(label: string, idx: number): Promise<FoundRun | undefined> {
    const named = (run: FoundRun) => run.label === label && run.idx === idx;
    const known = this.#found.find(named);
    if (known !== undefined && (await isDirectory(known.dir))) return known;
    return (await this.#find()).find(named);
  }

  #find(): Promise<FoundRun[]> {
    this.#finding ??= findRuns(this.#root)
      .then((found) => {
        this.#found = found;
        this.#foundAt = performance.now();
        return found;
      })
      .finally(() => {
        this.#finding = null;
      });
    return this.#finding;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
