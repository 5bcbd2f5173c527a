/**
 * Parses JSON as other programs write it: like JSON.parse, and `NaN`, `Infinity` and `-Infinity` (which Python's json
 * module writes by default) become those numbers. The same words inside strings are left alone.
 * Throws the SyntaxError of JSON.parse when the text is not JSON even so.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // 1e999 overflows to Infinity, so a plain number literal can stand for it. NaN has no literal: it is parsed as
    // null and as 0, and what differs between the two results is NaN, whatever else the text may hold.
    const withNull = replaceTokens(text, 'null');
    if (withNull === null) throw error;
    return markNaN(JSON.parse(withNull), JSON.parse(replaceTokens(text, '0') ?? text));
  }
}

/** `text` with the tokens outside strings replaced; null when there are none. */
function replaceTokens(text: string, forNaN: string): string | null {
  let replaced = '';
  let copied = 0;
  for (let i = 0; i < text.length; ) {
    const code = text.charCodeAt(i);
    if (code === 0x22) {
      i = endOfString(text, i);
    } else if (code === 0x4e && text.startsWith('NaN', i)) {
      replaced += text.slice(copied, i) + forNaN;
      copied = i += 3;
    } else if (code === 0x49 && text.startsWith('Infinity', i)) {
      replaced += `${text.slice(copied, i)}1e999`;
      copied = i += 8;
    } else {
      i++;
    }
  }
  return copied === 0 ? null : replaced + text.slice(copied);
}

/** The index after the closing quote of the string that opens at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function markNaN(withNull: unknown, withZero: unknown): unknown {
  if (withNull === null) return withZero === 0 ? Number.NaN : null;
  if (typeof withNull !== 'object') return withNull;
  const target = withNull as Record<string, unknown>;
  const other = withZero as Record<string, unknown>;
  for (const key of Object.keys(target)) target[key] = markNaN(target[key], other[key]);
  return target;
}
