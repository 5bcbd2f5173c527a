import { documentOf } from './document.ts';
import { type RunPage, runPath } from './load-run.ts';
import { html, type Markup, raw } from './markup.ts';
import { drawRun } from './run-chart.ts';
import { runSections } from './run-sections.ts';
import { statusWord } from './status-words.ts';

/** The page of a run. `now` in Unix seconds. */
export function runPage(page: RunPage, now: number): Markup {
  const { state, step } = page;
  const { label, idx, active, status } = state;
  const path = runPath(label, idx);
  const sections = runSections(page, now);
  const part = (id: keyof typeof sections) => html`<div id="${id}">${raw(sections[id])}</div>`;
  const main = html`<main id="main" data-page="run" data-path="${path}" data-status="${status}" data-now="${now}">
<div class="title"><h1>${label}<span class="idx"> / run ${idx}</span></h1><span id="badge">${raw(sections.badge)}</span><span id="age" class="muted">${raw(sections.age)}</span></div>
<p class="verdict"><span id="verdict" aria-live="polite">${raw(sections.verdict)}</span> <span id="last-gain" class="muted">${raw(sections['last-gain'])}</span></p>
<p id="connection" class="notice" role="status" hidden>Live updates paused, trying again.</p>
${part('failure')}
${part('headline')}
<figure class="chart" aria-label="Trajectory"><div id="chart-wide">${raw(drawRun(page, 'wide'))}</div><div id="chart-narrow">${raw(drawRun(page, 'narrow'))}</div><figcaption><a href="${path}/trajectory.svg">trajectory.svg</a></figcaption></figure>
${part('now')}
${part('ladder')}
${part('steps')}
<details class="code"${step !== null && html` open`}><summary>${step === null ? 'Best program' : `Best program of checkpoint ${step.step}`}</summary>${part('program')}</details>
${part('problems')}
</main>`;
  return documentOf(main, {
    title: `${label}/${idx} ${statusWord(status)} · kai`,
    trail: [
      { href: `/setup/${encodeURIComponent(label)}`, text: label },
      { href: path, text: `run ${idx}` },
    ],
    twin: `${path}.json${step === null ? '' : `?step=${step.step}`}`,
    refreshes: active,
    isLive: step === null,
  });
}
