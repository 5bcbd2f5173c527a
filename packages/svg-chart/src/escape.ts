/** Everything XML 1.0 forbids, the C1 controls, and the invisible marks that reorder the text around them. */
const unsafeCharacters =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Makes any string safe as XML text and inside a quoted attribute.
 *
 * Characters that XML cannot hold, lone surrogates and bidirectional overrides become U+FFFD, so that a hostile label
 * stays visible as such and cannot reorder its neighbours; line breaks and tabs become spaces.
 */
export function escapeText(text: string): string {
  return text
    .replace(unsafeCharacters, '\ufffd')
    .replace(/[\t\n\r]+/g, ' ')
    .replace(/[&<>"']/g, (character) => entities[character]!);
}

/** Cuts a text to at most `length` characters (code points, so no surrogate is split), ending in "…" when cut. */
export function truncateText(text: string, length: number): string {
  // Cut roughly first: a label of many megabytes must not become an array of its characters.
  const characters = Array.from(text.slice(0, 2 * length + 2));
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/**
 * Returns the address, not yet escaped, if following it can only load a page: `http:`, `https:` or relative.
 * Anything else (`javascript:`, `data:`, an address with control characters, which browsers drop before they look for
 * the scheme) is undefined.
 */
export function safeHref(href: string | undefined): string | undefined {
  if (typeof href !== 'string' || href === '' || /[\u0000-\u001f\u007f-\u009f]/.test(href)) return undefined;
  const scheme = /^\s*([^/?#]*?):/.exec(href)?.[1]?.toLowerCase();
  return scheme === undefined || scheme === 'http' || scheme === 'https' ? href.trim() : undefined;
}

/** Keeps of an id prefix only what is valid in an XML id and needs no escaping in CSS. */
export function safeIdPrefix(prefix: string): string {
  const kept = prefix.replace(/[^A-Za-z0-9_-]/g, '-');
  return /^[0-9-]/.test(kept) ? `_${kept}` : kept;
}
