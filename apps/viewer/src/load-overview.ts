import type { FoundRun, RunState } from '@kai/run-state';
import { bestSoFar } from '@kai/svg-chart';
import { type RunSources, setupLinks } from './load-run.ts';
import { NotFoundError } from './request-errors.ts';
import { runFacts } from './run-facts.ts';
import { runSignature } from './run-signature.ts';
import { statusWord } from './status-words.ts';

export const sortKeys = ['recent', 'name', 'status', 'best', 'iterations', 'cost'] as const;
export type SortKey = (typeof sortKeys)[number];

export interface OverviewQuery {
  /** Only runs whose name or status contains it; case does not matter. */
  q: string;
  sort: SortKey;
  dir: 'asc' | 'desc';
  /** Only this setup. */
  label: string | null;
}

/** A run as one row. */
export interface RunSummary
  extends Pick<
    RunState,
    | 'label'
    | 'idx'
    | 'status'
    | 'active'
    | 'stopReason'
    | 'direction'
    | 'iteration'
    | 'maxIterations'
    | 'best'
    | 'calls'
    | 'cost'
    | 'startedAt'
    | 'updatedAt'
    | 'endedAt'
  > {
  gain: number | null;
  /** Completed iterations without a score; null where the run does not record them all. */
  failed: number | null;
  /** The best score so far, thinned; the last point stands at the last iteration. */
  curve: { x: number; y: number }[];
}

export interface Setup {
  label: string;
  direction: RunState['direction'];
  best: number | null;
  runs: RunSummary[];
}

export interface Overview {
  query: OverviewQuery;
  setups: Setup[];
  /** Runs in all, before the filter. */
  total: number;
  shown: number;
  live: number;
}

/** Points of a curve 100 pixels wide. */
const maxCurvePoints = 100;
const readAtOnce = 8;

/** Makes overviews, and reads again only the runs whose files changed. */
export class OverviewLoader {
  readonly #sources: RunSources;
  readonly #rows = new Map<string, { signature: string; row: RunSummary }>();

  constructor(sources: RunSources) {
    this.#sources = sources;
  }

  /** @throws NotFoundError when `label` is given and there is no run of it */
  async load(query: OverviewQuery): Promise<Overview> {
    const all = await this.#sources.catalog.list();
    this.#forgetAllBut(all);
    const found = query.label === null ? all : all.filter(({ label }) => label === query.label);
    if (query.label !== null && found.length === 0) {
      throw new NotFoundError(`There is no setup ${JSON.stringify(query.label)} here.`, setupLinks(all));
    }
    const rows = (await mapSome(found, readAtOnce, (run) => this.#row(run))).filter((row) => row !== null);
    const shown = rows.filter((row) => matches(row, query.q));
    return {
      query,
      setups: groupRows(shown, query),
      total: rows.length,
      shown: shown.length,
      live: rows.filter(({ active }) => active).length,
    };
  }

  /** Null for a run that was deleted since it was found. */
  async #row(run: FoundRun): Promise<RunSummary | null> {
    const { text: signature } = await runSignature(run.dir);
    const known = this.#rows.get(run.dir);
    if (known?.signature === signature && !known.row.active && known.row.label === run.label) return known.row;
    try {
      const row = summarize(await this.#sources.states.current(run));
      this.#rows.set(run.dir, { signature, row });
      return row;
    } catch {
      return null;
    }
  }

  #forgetAllBut(found: readonly FoundRun[]): void {
    const dirs = new Set(found.map(({ dir }) => dir));
    for (const dir of this.#rows.keys()) if (!dirs.has(dir)) this.#rows.delete(dir);
  }
}

function summarize(state: RunState): RunSummary {
  const { label, idx, status, active, stopReason, direction, iteration, maxIterations, best, calls, cost } = state;
  const { startedAt, updatedAt, endedAt, trajectory } = state;
  const bests = bestSoFar(
    trajectory.improvements.map(({ iter, score }) => ({ x: iter, y: score })),
    direction,
  );
  const { gain, failed } = runFacts(state);
  const stride = Math.ceil(bests.length / maxCurvePoints);
  const curve = bests.filter((_, index) => (bests.length - 1 - index) % stride === 0);
  if (best !== null) curve.push({ x: iteration, y: best });
  return {
    ...{ label, idx, status, active, stopReason, direction, iteration, maxIterations, best, calls, cost },
    ...{ startedAt, updatedAt, endedAt, gain, failed, curve },
  };
}

function matches({ label, idx, status }: RunSummary, q: string): boolean {
  const wanted = q.trim().toLowerCase();
  return `${label}/${idx} ${status} ${statusWord(status)}`.toLowerCase().includes(wanted);
}

function groupRows(rows: readonly RunSummary[], { sort, dir }: OverviewQuery): Setup[] {
  const byLabel = new Map<string, RunSummary[]>();
  const compare = comparison(sort, dir);
  for (const row of rows.toSorted(compare)) {
    const group = byLabel.get(row.label);
    if (group === undefined) byLabel.set(row.label, [row]);
    else group.push(row);
  }
  // Rows are sorted, so the setups stand in the order of the first run of each.
  return [...byLabel].map(([label, runs]) => ({ label, runs, direction: runs[0]!.direction, best: bestOf(runs) }));
}

function bestOf(runs: readonly RunSummary[]): number | null {
  const bests = runs.flatMap(({ best }) => best ?? []);
  if (bests.length === 0) return null;
  return runs[0]!.direction === 'minimize' ? Math.min(...bests) : Math.max(...bests);
}

function comparison(sort: SortKey, dir: 'asc' | 'desc'): (a: RunSummary, b: RunSummary) => number {
  const sign = dir === 'asc' ? 1 : -1;
  const byName = (a: RunSummary, b: RunSummary) => compareText(a.label, b.label) || a.idx - b.idx;
  const newestFirst = (a: RunSummary, b: RunSummary) => recency(b) - recency(a) || byName(a, b);
  switch (sort) {
    case 'recent':
      return (a, b) => Number(b.active) - Number(a.active) || (dir === 'asc' ? newestFirst(b, a) : newestFirst(a, b));
    case 'name':
      return (a, b) => sign * byName(a, b);
    case 'status':
      return (a, b) => sign * compareText(statusWord(a.status), statusWord(b.status)) || newestFirst(a, b);
    case 'best':
      return byNumber((row) => row.best, sign, newestFirst);
    case 'iterations':
      return byNumber((row) => row.iteration, sign, newestFirst);
    case 'cost':
      return byNumber((row) => row.cost, sign, newestFirst);
  }
}

/** Rows without a figure come last, whichever way. */
function byNumber(
  figure: (row: RunSummary) => number | null,
  sign: number,
  otherwise: (a: RunSummary, b: RunSummary) => number,
): (a: RunSummary, b: RunSummary) => number {
  return (a, b) => {
    const [x, y] = [figure(a), figure(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || otherwise(a, b);
    return sign * (x - y) || otherwise(a, b);
  };
}

function recency({ updatedAt, endedAt, startedAt }: RunSummary): number {
  return Math.max(updatedAt ?? 0, endedAt ?? 0, startedAt ?? 0);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Maps with at most `limit` at a time: a thousand runs must not become four thousand open files. */
async function mapSome<T, R>(items: readonly T[], limit: number, map: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await map(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
