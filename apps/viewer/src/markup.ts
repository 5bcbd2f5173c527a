import { html as template, raw as unescaped } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** Markup that is safe to send: everything put into it was escaped. */
export type Markup = HtmlEscapedString;

/** What may stand in a template: text and numbers are escaped, markup goes in as it is, null and booleans are nothing. */
export type Part = string | number | boolean | null | undefined | Markup | readonly Part[];

/** hono's escaping template, for markup in which nothing has to be awaited. */
export function html(strings: TemplateStringsArray, ...values: Part[]): Markup {
  return template(strings, ...values) as Markup;
}

/** Takes a string that is markup already, such as a chart. */
export function raw(markup: string): Markup {
  return unescaped(markup) as Markup;
}

/** Everything that would reorder its neighbours or hide: controls and bidirectional overrides. */
const unsafeCharacters = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A foreign text with its hidden characters made visible, so that nothing in it can pose as something else. */
export function visibleText(text: string): string {
  return text.replace(unsafeCharacters, '\ufffd');
}

/** A foreign text fit for one line: hidden characters made visible, cut to `length` characters. */
export function plainText(text: string, length = 300): string {
  const visible = visibleText(text.slice(0, 2 * length));
  const characters = Array.from(visible);
  return characters.length <= length ? visible : `${characters.slice(0, length - 1).join('')}…`;
}
