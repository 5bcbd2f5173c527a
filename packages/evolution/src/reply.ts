/** One SEARCH/REPLACE block of a reply. */
export interface SearchReplace {
  search: string;
  replace: string;
}

// AlphaEvolve's diff format (2025, section 2.3). A delimiter is a whole line: `// =======` in a program is none.
const SEARCH = /^<{7} SEARCH\s*$/;
const DIVIDER = /^={7}\s*$/;
const REPLACE = /^>{7} REPLACE\s*$/;

/** The whole SEARCH/REPLACE blocks of a reply, in order; one that is never closed is left out. Linear in the reply. */
export function searchReplaceBlocks(reply: string): SearchReplace[] {
  const blocks: SearchReplace[] = [];
  let search: string[] | null = null;
  let replace: string[] | null = null;
  for (const line of reply.split('\n')) {
    if (SEARCH.test(line)) {
      search = [];
      replace = null;
    } else if (search && replace && REPLACE.test(line)) {
      blocks.push({ search: search.join('\n'), replace: replace.join('\n') });
      search = null;
      replace = null;
    } else if (search && !replace && DIVIDER.test(line)) {
      replace = [];
    } else {
      (replace ?? search)?.push(line);
    }
  }
  return blocks;
}

/** A fenced code block of a reply. */
export interface FencedCode {
  /** What stands behind the opening fence, e.g. `python`; empty when nothing does. */
  tag: string;
  code: string;
}

/**
 * The fenced code blocks of a reply, in order. As in CommonMark a fence is closed by a bare fence of at least its length; one
 * that is never closed was cut off and is left out.
 */
export function fencedCodes(reply: string): FencedCode[] {
  const codes: FencedCode[] = [];
  let open: { fence: string; tag: string; lines: string[] } | null = null;
  for (const line of reply.split('\n')) {
    const [, fence = '', tag = ''] = /^(`{3,})[^\S\n]*([^`]*?)\s*$/.exec(line) ?? [];
    if (!open) {
      if (fence) open = { fence, tag: tag.toLowerCase(), lines: [] };
    } else if (fence.length >= open.fence.length && tag === '') {
      codes.push({ tag: open.tag, code: open.lines.map((text) => `${text}\n`).join('') });
      open = null;
    } else {
      open.lines.push(line);
    }
  }
  return codes;
}
