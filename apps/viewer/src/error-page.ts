import { documentOf } from './document.ts';
import { html, type Markup, plainText } from './markup.ts';
import type { RequestError } from './request-errors.ts';

const titles: Record<number, string> = {
  400: 'That request makes no sense',
  403: 'Not answered',
  404: 'Nothing here',
  405: 'Read only',
  500: 'The viewer failed',
};

/** What went wrong, and where to go instead. */
export function errorPage({ status, message, links }: RequestError): Markup {
  const title = titles[status] ?? 'Error';
  const main = html`<main id="main"><div class="title"><h1>${title}</h1><span class="muted">${status}</span></div>
<p>${plainText(message, 500)}</p>
<p class="links">Where to go:</p><ul><li><a href="/">all runs</a></li>${links.map(({ href, text }) => html`<li><a href="${href}">${plainText(text, 100)}</a></li>`)}</ul></main>`;
  return documentOf(main, { title: `${title} · kai` });
}

/** The same in JSON. */
export function errorJson({ status, code, message, links }: RequestError) {
  return {
    error: {
      status,
      code,
      message: plainText(message, 500),
      links: [{ href: '/', text: 'all runs' }, ...links].map(({ href, text }) => ({
        href,
        text: plainText(text, 100),
      })),
    },
  };
}
