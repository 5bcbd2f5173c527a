import type { CheckpointStep, FoundRun, RunGoals, RunState } from '@kai/run-state';
import { type ErrorLink, NotFoundError } from './request-errors.ts';
import type { RunCatalog } from './run-catalog.ts';
import { type RunDetailReader, readStepProgram, type ShownFailure, type ShownProgram } from './run-details.ts';
import { type RunFacts, runFacts } from './run-facts.ts';
import type { RunStates } from './run-states.ts';

/** Where pages get their runs. */
export interface RunSources {
  /** How a person starts kai. */
  command: string;
  catalog: RunCatalog;
  states: RunStates;
  details: RunDetailReader;
}

/** All that the page of a run, its JSON twin, live.json and the events show. */
export interface RunPage {
  state: RunState;
  facts: RunFacts;
  /** The best program, or that of the selected step. */
  program: ShownProgram | null;
  /** Checkpoints of a run without a feed, ascending. */
  steps: CheckpointStep[];
  goals: RunGoals;
  /** The first failure of a run that ended without a score; null for any other. */
  failure: ShownFailure | null;
  /** How a person starts kai. */
  command: string;
  /** The selected one of them. */
  step: CheckpointStep | null;
}

/** @throws NotFoundError when there is no such run, or it has no such step */
export async function loadRun(
  sources: RunSources,
  { label, idx, step = null }: { label: string; idx: number; step?: number | null },
): Promise<RunPage> {
  const run = await findRun(sources.catalog, label, idx);
  const page = await describeRun(sources, await sources.states.current(run));
  if (step === null) return page;
  const selected = page.steps.find((candidate) => candidate.step === step);
  if (selected === undefined) {
    const known = page.steps.map((candidate) => candidate.step).slice(-20);
    const there = known.length === 0 ? 'it has a feed, or no checkpoint yet' : `there are ${known.join(', ')}`;
    throw new NotFoundError(`The run ${label}/${idx} has no checkpoint step ${step}: ${there}.`, [
      { href: runPath(label, idx), text: `${label}/${idx}` },
    ]);
  }
  return { ...page, step: selected, program: await readStepProgram(page.state.dir, selected) };
}

/** @throws NotFoundError */
export async function findRun(catalog: RunCatalog, label: string, idx: number): Promise<FoundRun> {
  const run = await catalog.get(label, idx);
  if (run !== undefined) return run;
  const all = await catalog.list();
  const siblings = all.filter((found) => found.label === label).slice(-20);
  const links = siblings.map((found) => ({ href: runPath(label, found.idx), text: `${label}/${found.idx}` }));
  throw new NotFoundError(
    `There is no run ${idx} of ${JSON.stringify(label)} here.`,
    links.length > 0 ? links : setupLinks(all),
  );
}

/** The page of a state that is at hand. */
export async function describeRun(
  { command, details }: Pick<RunSources, 'command' | 'details'>,
  state: RunState,
): Promise<RunPage> {
  return { command, state, facts: runFacts(state), step: null, ...(await details.read(state)) };
}

/** Links to the setups that there are, 20 at most. */
export function setupLinks(runs: readonly FoundRun[]): ErrorLink[] {
  const labels = [...new Set(runs.map(({ label }) => label))].slice(0, 20);
  return labels.map((label) => ({ href: `/setup/${encodeURIComponent(label)}`, text: label }));
}

/** The address of a run's page. */
export function runPath(label: string, idx: number): string {
  return `/setup/${encodeURIComponent(label)}/run/${idx}`;
}
