import { formatDuration, formatMoment } from './format.ts';
import { html, type Markup } from './markup.ts';

/** How long ago `ts` was (Unix seconds); the browser counts on, and the title has the exact time. */
export function ago(ts: number, now: number): Markup {
  return html`<time datetime="${isoTime(ts)}" title="${formatMoment(ts)}" data-ago="${ts}">${formatDuration(now - ts)} ago</time>`;
}

/** How long something lasts that began at `ts`; the browser counts on. */
export function since(ts: number, now: number): Markup {
  return html`<time datetime="${isoTime(ts)}" title="since ${formatMoment(ts)}" data-since="${ts}">${formatDuration(now - ts)}</time>`;
}

function isoTime(ts: number): string {
  const date = new Date(ts * 1000);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
