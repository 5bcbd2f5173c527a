import { sparkline } from '@kai/svg-chart';
import { documentOf } from './document.ts';
import { columnFormat, formatCost, formatScore } from './format.ts';
import type { Overview, OverviewQuery, RunSummary, Setup, SortKey } from './load-overview.ts';
import { runPath } from './load-run.ts';
import { html, type Markup, plainText, raw } from './markup.ts';
import { ago } from './moment.ts';
import { badge, stopReasonWords } from './status-words.ts';

export interface OverviewPageOptions {
  /** As a person types it. */
  root: string;
  /** How a person starts kai. */
  command: string;
  /** Unix seconds. */
  now: number;
}

/** The page of all runs, or of one setup. */
export function overviewPage(overview: Overview, options: OverviewPageOptions): Markup {
  const { query, total, live } = overview;
  const isActive = live > 0;
  const path = overviewPath(query.label);
  const main = html`<main id="main" data-page="overview" data-active="${String(isActive)}" data-now="${options.now}">
<div class="title"><h1>${query.label ?? 'Runs'}</h1><span class="muted" id="counts">${total > 0 && counts(overview)}</span></div>
<p id="connection" class="notice" hidden>Live updates paused, trying again.</p>
<div id="filter">${total > 0 && filterForm(query, path)}</div>
<div id="runs">${runsTable(overview, { ...options, path })}</div>
</main>`;
  return documentOf(main, {
    title: query.label === null ? 'Runs · kai' : `${query.label} · kai`,
    trail: query.label === null ? [] : [{ href: path, text: query.label }],
    twin: `${query.label === null ? '/.json' : `${path}.json`}${search(query)}`,
    refreshes: isActive || total === 0,
    isLive: true,
  });
}

function counts({ total, shown, live, setups }: Overview): string {
  const runs = `${total.toLocaleString('en')} ${total === 1 ? 'run' : 'runs'}`;
  const of = shown === total ? runs : `${shown.toLocaleString('en')} of ${runs}`;
  const inSetups = setups.length > 1 ? ` in ${setups.length.toLocaleString('en')} setups` : '';
  return `${of}${inSetups}${live > 0 ? `, ${live.toLocaleString('en')} live` : ''}`;
}

function filterForm({ q, sort, dir }: OverviewQuery, path: string): Markup {
  return html`<form class="filter" action="${path}" role="search"><label for="q">Filter</label><input id="q" name="q" type="search" value="${plainText(q)}" placeholder="name or status" autocomplete="off">${sort !== 'recent' && html`<input type="hidden" name="sort" value="${sort}"><input type="hidden" name="dir" value="${dir}">`}<button>Show</button></form>`;
}

function runsTable(overview: Overview, { root, command, now, path }: OverviewPageOptions & { path: string }): Markup {
  const { setups, total, query } = overview;
  if (total === 0) {
    return html`<p class="empty">No runs in <code>${plainText(root)}</code> yet. Start one: <code>${plainText(command)} run examples/circle-packing</code>.</p>`;
  }
  if (setups.length === 0) {
    return html`<p class="empty">No run matches “${plainText(query.q)}”. <a href="${path}">Show all</a></p>`;
  }
  const heading = (key: SortKey, text: string, className = '') => sortHeading(query, { key, text, className, path });
  return html`<table class="runs"><thead><tr>
${heading('name', 'Run')}${heading('status', 'Status')}${heading('best', 'Best', 'number')}<th scope="col" class="spark">Best so far</th>${heading('iterations', 'Iterations', 'number')}${heading('cost', 'Cost', 'number wide')}${heading('recent', 'Updated', 'wide')}
</tr></thead>${setups.map((setup) => setupRows(setup, { now, isAlone: query.label !== null }))}</table>`;
}

function sortHeading(
  query: OverviewQuery,
  { key, text, className, path }: { key: SortKey; text: string; className: string; path: string },
): Markup {
  const isSorted = query.sort === key;
  const dir = isSorted ? (query.dir === 'asc' ? 'desc' : 'asc') : key === 'name' || key === 'status' ? 'asc' : 'desc';
  const sorted = isSorted && html` aria-sort="${query.dir === 'asc' ? 'ascending' : 'descending'}"`;
  const href = `${path}${search({ ...query, sort: key, dir })}`;
  return html`<th scope="col" class="${className}"${sorted}><a href="${href}">${text}${isSorted && html`<span aria-hidden="true"> ${query.dir === 'asc' ? '↑' : '↓'}</span>`}</a></th>`;
}

function setupRows({ label, runs, best }: Setup, { now, isAlone }: { now: number; isAlone: boolean }): Markup {
  const points = runs.flatMap(({ curve }) => curve);
  const scale = { xDomain: extent(points.map(({ x }) => x)), yDomain: extent(points.map(({ y }) => y)) };
  const format = columnFormat(runs.map((run) => run.best));
  const heading = html`<tr class="setup"><th scope="rowgroup" colspan="7"><a href="/setup/${encodeURIComponent(label)}">${label}</a>${runs.length > 1 && html` <span class="muted">${runs.length} runs${best !== null && `, best ${formatScore(best)}`}</span>`}</th></tr>`;
  return html`<tbody>${!isAlone && heading}${runs.map((run) => runRow(run, { best: format(run.best), scale, now }))}</tbody>`;
}

function runRow(
  run: RunSummary,
  {
    best,
    scale,
    now,
  }: { best: string; scale: { xDomain?: [number, number]; yDomain?: [number, number] }; now: number },
): Markup {
  const { label, idx, status, iteration, maxIterations, cost, calls, curve, updatedAt, endedAt, startedAt } = run;
  const reason = stopReasonWords(run);
  const at = updatedAt ?? endedAt ?? startedAt;
  return html`<tr><th scope="row"><a href="${runPath(label, idx)}">run ${idx}</a></th><td>${badge(status)}${reason && html`<span class="muted wide"> ${reason}</span>`}</td><td class="number">${best}</td><td class="spark">${raw(sparkline(curve, { ...scale, step: true }))}</td><td class="number">${iteration.toLocaleString('en')}${maxIterations !== null && html`<span class="muted wide"> / ${maxIterations.toLocaleString('en')}</span>`}</td><td class="number wide">${cost !== null && calls !== 0 ? formatCost(cost) : '–'}</td><td class="wide">${at !== null && at > 0 ? ago(at, now) : '–'}</td></tr>`;
}

function extent(values: readonly number[]): [number, number] | undefined {
  if (values.length === 0) return undefined;
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function overviewPath(label: string | null): string {
  return label === null ? '/' : `/setup/${encodeURIComponent(label)}`;
}

function search({ q, sort, dir }: OverviewQuery): string {
  const parameters = new URLSearchParams();
  if (q !== '') parameters.set('q', q);
  if (sort !== 'recent' || dir !== 'desc') {
    parameters.set('sort', sort);
    parameters.set('dir', dir);
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
