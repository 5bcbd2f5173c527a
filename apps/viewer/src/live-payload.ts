import type { RunPage } from './load-run.ts';
import { drawRun } from './run-chart.ts';
import { liveJson } from './run-json.ts';
import { type RunSections, runSections } from './run-sections.ts';

/** Which chart a page shows. A page also wants its sections as markup; a program that asks for neither gets the numbers. */
export type LiveView = 'wide' | 'narrow' | null;

/** live.json whole: what is documented, and for a page (`view`) also its sections and the server's clock. */
export function livePayload(page: RunPage, { view, now }: { view: LiveView; now: number }) {
  const { active, iteration, best, cost, calls, ...rest } = liveJson(page);
  const chart = drawRun(page, view ?? 'wide');
  const numbers = { active, iteration, best, cost, calls, chart, ...rest };
  return view === null ? numbers : { ...numbers, now, sections: runSections(page, now) };
}

/**
 * The payload of one event for one client: without the chart unless it is due, and of the sections only those that the
 * client does not have; the browser counts times on itself. `known` is what it has, and is brought up to date.
 */
export function eventPayload(
  page: RunPage,
  {
    view,
    now,
    withChart,
    known,
  }: { view: LiveView; now: number; withChart: boolean; known: Map<keyof RunSections, string> },
) {
  const numbers = liveJson(page);
  const chart = withChart ? { chart: drawRun(page, view ?? 'wide') } : {};
  if (view === null) return { ...numbers, ...chart };
  const changed: Partial<RunSections> = {};
  for (const [id, markup] of Object.entries(runSections(page, now)) as [keyof RunSections, string][]) {
    const timeless = markup.replace(/(<time[^>]*>)[^<]*/g, '$1');
    if (known.get(id) === timeless) continue;
    known.set(id, timeless);
    changed[id] = markup;
  }
  return { ...numbers, ...chart, now, sections: changed };
}
