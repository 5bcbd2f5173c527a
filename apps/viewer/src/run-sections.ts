import { columnFormat, formatCost, formatDuration, formatScore, formatShare, formatSigned } from './format.ts';
import { gainWords } from './gain-words.ts';
import { type RunPage, runPath } from './load-run.ts';
import { html, type Markup, plainText, visibleText } from './markup.ts';
import { ago, since } from './moment.ts';
import { gains } from './run-json.ts';
import { badge } from './status-words.ts';
import { verdict } from './verdict.ts';

/** The parts of a run's page that change, by the id of the element that holds each. */
export type RunSections = Record<
  | 'badge'
  | 'age'
  | 'verdict'
  | 'last-gain'
  | 'failure'
  | 'headline'
  | 'now'
  | 'ladder'
  | 'steps'
  | 'program'
  | 'problems',
  string
>;

const maxRows = 50;
const maxSlots = 24;

/** Renders all that changes on a run's page but the charts. `now` in Unix seconds. */
export function runSections(page: RunPage, now: number): RunSections {
  const { sentence, lastGain } = verdict(page, now);
  const sections: Record<keyof RunSections, Markup> = {
    badge: badge(page.state.status),
    age: age(page, now),
    verdict: sentence,
    'last-gain': lastGain,
    failure: failure(page),
    headline: headline(page, now),
    now: slots(page, now),
    ladder: ladder(page, now),
    steps: steps(page),
    program: program(page),
    problems: problems(page),
  };
  return Object.fromEntries(Object.entries(sections).map(([id, markup]) => [id, markup.toString()])) as RunSections;
}

function age({ state }: RunPage, now: number): Markup {
  if (state.updatedAt === null || state.updatedAt <= 0) return html``;
  return html`last iteration ${ago(state.updatedAt, now)}`;
}

/** Why there is no score at all, in the words of the evaluator: nothing else on the page of such a run is worth more. */
function failure({ failure: shown }: RunPage): Markup {
  if (shown === null) return html``;
  const { iteration, kind, message, output } = shown;
  return html`<section class="failure" aria-labelledby="failure-title"><h2 id="failure-title">${iteration === 0 ? 'Why the initial program failed' : `Why iteration ${iteration.toLocaleString('en')} failed`}</h2>
<p><strong>${plainText(kind, 60)}</strong> ${plainText(message, 1000)}</p>
${output !== '' && html`<pre tabindex="0"><code>${visibleText(output)}</code></pre>`}</section>`;
}

function headline(page: RunPage, now: number): Markup {
  const { state, facts } = page;
  const { maxIterations, iteration, active, startedAt, endedAt, updatedAt, calls, cost } = state;
  const endOfRun = endedAt ?? updatedAt;
  const elapsed =
    startedAt === null || startedAt <= 0
      ? '–'
      : active
        ? since(startedAt, now)
        : endOfRun === null
          ? '–'
          : formatDuration(endOfRun - startedAt);
  const progress =
    maxIterations === null
      ? null
      : html`<progress max="${maxIterations}" value="${Math.min(iteration, maxIterations)}" aria-label="Iterations done"></progress>`;
  const left =
    facts.etaSeconds === null
      ? null
      : facts.etaSeconds < 1
        ? 'almost done'
        : `about ${formatDuration(facts.etaSeconds)} left`;
  return html`<dl class="headline">
${figure('Best score', state.best === null ? '–' : formatScore(state.best), bestCaption(page), 'best')}
${figure('Iterations', html`${iteration.toLocaleString('en')}${maxIterations !== null && html`<span class="of"> of ${maxIterations.toLocaleString('en')}</span>`}`, html`${progress}${left}`)}
${figure('Failed', facts.failedShare === null ? '–' : formatShare(facts.failedShare), failedCaption(page))}
${figure('Cost', calls === 0 || cost === null ? '–' : formatCost(cost), costCaption(page))}
${figure('Elapsed', elapsed, facts.gapSeconds === null ? null : paceWords(facts.gapSeconds))}
</dl>`;
}

function figure(name: string, value: string | Markup, caption: string | Markup | null, className = ''): Markup {
  return html`<div class="${className}"><dt>${name}</dt><dd class="figure">${value}</dd><dd class="caption">${caption}</dd></div>`;
}

function bestCaption({ state: { initialScore, direction }, facts }: RunPage): string | null {
  if (initialScore === null) return null;
  const words = gainWords(facts, direction);
  return `${words === null ? '' : `${words} `}initial ${formatScore(initialScore)}`;
}

/** The initial program is no iteration of the maximum, and may have failed as well. */
function failedCaption({ state: { trajectory, iteration }, facts: { failed } }: RunPage): string | null {
  const { count } = trajectory;
  if (failed === null && trajectory.failed === 0) return 'not recorded';
  if (count === 0) return null;
  const words = `${trajectory.failed.toLocaleString('en')} of ${count.toLocaleString('en')}`;
  if (failed === null) return `${words}, others not recorded`;
  return count > iteration ? `${words} with the initial program` : words;
}

function costCaption({ state: { calls, cost, unpricedCalls } }: RunPage): string {
  if (calls === null) return 'calls not recorded';
  if (calls === 0) return 'no model calls';
  const words = `${calls.toLocaleString('en')} ${calls === 1 ? 'call' : 'calls'}`;
  if (cost === null) return `${words}, price unknown`;
  return unpricedCalls > 0 ? `${words}, ${unpricedCalls.toLocaleString('en')} without a price` : words;
}

function paceWords(gapSeconds: number): string {
  if (gapSeconds >= 1) return `${formatDuration(gapSeconds)} per iteration`;
  const rate = 1 / gapSeconds;
  return `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)} iterations/s`;
}

function slots({ state: { inFlight, active, source } }: RunPage, now: number): Markup {
  // Checkpoints alone cannot tell what is in flight.
  if (!active || (source === 'checkpoints' && inFlight.length === 0)) return html``;
  const shown = inFlight.toSorted((a, b) => a.slot - b.slot).slice(0, maxSlots);
  const more = inFlight.length - shown.length;
  return html`<section aria-labelledby="now-title"><h2 id="now-title">Now</h2>
${inFlight.length === 0 ? html`<p class="muted">Nothing in flight.</p>` : null}
<ul class="slots">${shown.map(
    ({ slot, iter, phase, since: began }) =>
      html`<li><span class="muted">slot ${slot}</span> <span>iteration ${iter.toLocaleString('en')}</span> <span class="phase">${phase} ${since(began, now)}</span></li>`,
  )}</ul>${more > 0 && html`<p class="muted">and ${more} more</p>`}</section>`;
}

function ladder({ state }: RunPage, now: number): Markup {
  const all = gains(state).toReversed();
  const rows = all.slice(0, maxRows);
  if (rows.length === 0) return html``;
  const format = columnFormat(rows.map(({ score }) => score));
  const formatGain = columnFormat(
    rows.map(({ gain }) => gain),
    { distinct: false },
  );
  return html`<section aria-labelledby="ladder-title"><h2 id="ladder-title">Improvements</h2>
<div class="table"><table><thead><tr><th scope="col" class="number">Iteration</th><th scope="col" class="number">Score</th><th scope="col" class="number">Gain</th><th scope="col" class="wide">Program</th><th scope="col">When</th></tr></thead>
<tbody>${rows.map(
    ({ iter, score, gain, programId, ts }) =>
      html`<tr><td class="number">${iter.toLocaleString('en')}</td><td class="number">${format(score)}</td><td class="number">${gain === null ? (iter === 0 ? 'initial' : 'first') : formatSigned(state.direction === 'minimize' ? -gain : gain, formatGain)}</td><td class="wide">${programName(programId)}</td><td>${ts > 0 ? ago(ts, now) : '–'}</td></tr>`,
  )}</tbody></table></div>
${all.length > rows.length && html`<p class="muted">and ${(all.length - rows.length).toLocaleString('en')} earlier</p>`}</section>`;
}

function programName(id: string | null): Markup {
  if (id === null) return html`<span class="muted">–</span>`;
  return html`<code class="id" title="${plainText(id, 200)}"><bdi>${plainText(id, 14)}</bdi></code>`;
}

function steps({ state, steps, step: selected }: RunPage): Markup {
  if (steps.length === 0) return html``;
  const rows = steps.toReversed();
  const format = columnFormat(rows.map(({ best }) => best));
  const path = runPath(state.label, state.idx);
  return html`<section aria-labelledby="steps-title"><h2 id="steps-title">Checkpoint steps</h2>
<p class="muted">This run has no feed; what is shown comes from its ${steps.length === 1 ? 'checkpoint' : `${steps.length} checkpoints`}.${selected !== null && html` <a href="${path}">Back to the newest</a>`}</p>
<div class="table"><table><thead><tr><th scope="col" class="number">Step</th><th scope="col" class="number">Best</th><th scope="col" class="number">Programs</th><th scope="col">Best program</th></tr></thead>
<tbody>${rows.map(
    ({ step, best, programs, bestProgramId }) =>
      html`<tr><td class="number"><a href="${path}?step=${step}"${step === selected?.step && html` aria-current="true"`}>${step}</a></td><td class="number">${format(best)}</td><td class="number">${programs.toLocaleString('en')}</td><td>${programName(bestProgramId)}</td></tr>`,
  )}</tbody></table></div></section>`;
}

function program({ program: shown, step }: RunPage): Markup {
  if (shown === null) return html``;
  const { id, code, isCut, lines, iteration, score } = shown;
  return html`<p class="muted">${programName(id)} found at iteration ${iteration.toLocaleString('en')}${score !== null && `, score ${formatScore(score)}`}, ${lines.toLocaleString('en')} ${lines === 1 ? 'line' : 'lines'}${step !== null && `, best of checkpoint ${step.step}`}</p>
<pre tabindex="0"><code>${visibleText(code)}</code></pre>${isCut && html`<p class="muted">Only the beginning is shown.</p>`}`;
}

function problems({ state: { problems, trajectory } }: RunPage): Markup {
  if (problems.length === 0) return html``;
  const feed = problems.filter(({ file, line }) => file === 'progress.jsonl' && line !== null);
  const others = problems.filter((problem) => !feed.includes(problem)).slice(0, 20);
  const lines = feed.map(({ line }) => line);
  const shown = `${lines.slice(0, 10).join(', ')}${lines.length > 10 ? ' …' : ''}`;
  return html`<section aria-labelledby="problems-title"><h2 id="problems-title">Problems</h2><ul class="problems">
${feed.length > 0 && html`<li>${feed.length} of ${(trajectory.count + feed.length).toLocaleString('en')} lines skipped: ${lines.length === 1 ? 'line' : 'lines'} ${shown} of progress.jsonl (${plainText(feed[0]!.reason, 200)})</li>`}
${others.map(({ file, line, reason }) => html`<li>${plainText(file, 120)}${line !== null && `, line ${line}`}: ${plainText(reason, 300)}</li>`)}
</ul></section>`;
}
