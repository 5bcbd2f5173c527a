import { html, type Markup } from './markup.ts';

export interface DocumentOptions {
  title: string;
  /** What stands above the page: where one is. The last is the page itself. */
  trail?: readonly { href: string; text: string }[];
  /** The address of the same facts as JSON. */
  twin?: string;
  /** Whether a browser without scripts asks again, every 10 s. */
  refreshes?: boolean;
  /** Whether the page keeps itself up to date. Default false. */
  isLive?: boolean;
}

/** Puts a page's main part into the document that all pages share. */
export function documentOf(main: Markup, options: DocumentOptions): Markup {
  const { title, trail = [], twin, refreshes = false, isLive = false } = options;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
${twin && html`<link rel="alternate" type="application/json" href="${twin}">`}
${isLive && html`<script src="/assets/live.js" type="module"></script>`}
${refreshes && html`<noscript><meta http-equiv="refresh" content="10"></noscript>`}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top"><nav aria-label="Where you are"><a class="home" href="/">kai</a>${trail.map(
    ({ href, text }) => html`<span aria-hidden="true">/</span><a href="${href}">${text}</a>`,
  )}</nav>${twin && html`<a class="twin" href="${twin}">JSON</a>`}</header>
${main}
</body>
</html>
`;
}
