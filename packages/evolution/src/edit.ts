import { EvolutionError } from './errors.ts';
import { findEvolveBlocks, fixedParts } from './evolve-block.ts';
import { fencedCodes, type SearchReplace, searchReplaceBlocks } from './reply.ts';

export type EditErrorKind =
  | 'no_edit'
  | 'search_not_found'
  | 'search_ambiguous'
  | 'outside_evolve_block'
  | 'unchanged'
  | 'too_long';

/** The child that a reply makes of its parent, or why it makes none. */
export type EditResult =
  | { ok: true; code: string; changes: string }
  | { ok: false; error: { kind: EditErrorKind; message: string } };

const MAX_REPLY_CHARACTERS = 1_000_000;
const MAX_BLOCKS = 1000;

/**
 * Applies a model's reply to the parent program. Never throws: the reason of a refusal is written for the model to read.
 *
 * SEARCH/REPLACE blocks are applied one after another inside the EVOLVE-BLOCKs, each to the first exact occurrence of its
 * SEARCH text, whole lines before parts of lines, or else to the only place that equals it when spaces at the line borders
 * are ignored. A reply without such blocks is read as a whole program if it has a fenced code block; prose is never taken
 * for one. Text outside the EVOLVE-BLOCKs must stay as it is, and a program without markers must not get any. The child has
 * its parent's line ends.
 *
 * @param maxCodeLength in characters; a longer child is refused
 * @param language of the program; of several fenced blocks one tagged with it is preferred
 */
export function applyEdit(
  parentCode: string,
  reply: string,
  { maxCodeLength, language = '' }: { maxCodeLength: number; language?: string },
): EditResult {
  if (reply.length > MAX_REPLY_CHARACTERS) {
    return refuse('too_long', `The reply has ${reply.length} characters; at most ${MAX_REPLY_CHARACTERS} are read.`);
  }
  // Models answer with plain line ends, whatever the program has: compare without, and give them back at the end.
  const hasCrlf = /\r\n/.test(parentCode) && !/(^|[^\r])\n/.test(parentCode);
  const parent = hasCrlf ? withoutCrlf(parentCode) : parentCode;
  const text = withoutCrlf(reply);
  try {
    const edits = searchReplaceBlocks(text);
    const result =
      edits.length > 0 ? applyBlocks(parent, edits, maxCodeLength) : wholeProgram(parent, text, { language });
    if (!result.ok) return result;
    if (result.code === parent) return refuse('unchanged', 'The reply leaves the program exactly as it was.');
    if (result.code.length > maxCodeLength) return refuseLength(result.code.length, maxCodeLength);
    const checked = checkFixedParts(parent, result);
    return checked.ok && hasCrlf ? { ...checked, code: checked.code.replaceAll('\n', '\r\n') } : checked;
  } catch (error) {
    if (!(error instanceof EvolutionError)) throw error;
    return refuse('outside_evolve_block', `The edit breaks the EVOLVE-BLOCK markers. ${error.message}`);
  }
}

function withoutCrlf(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

function applyBlocks(parent: string, edits: SearchReplace[], maxCodeLength: number): EditResult {
  if (edits.length > MAX_BLOCKS) {
    return refuse('too_long', `The reply has ${edits.length} SEARCH blocks; at most ${MAX_BLOCKS} are applied.`);
  }
  let code = parent;
  for (const [index, edit] of edits.entries()) {
    const name = `SEARCH block ${index + 1} of ${edits.length}`;
    if (edit.search.trim() === '') {
      return refuse('search_not_found', `${name} is empty; it must quote the lines to replace.`);
    }
    const found = locate(code, edit.search);
    if (!found.ok) return refuse(found.kind, `${name} ${found.why}`);
    // An empty REPLACE deletes whole lines, their line break included.
    const end = edit.replace === '' && found.wholeLines && code[found.end] === '\n' ? found.end + 1 : found.end;
    code = code.slice(0, found.start) + edit.replace + code.slice(end);
    if (code.length > maxCodeLength) return refuseLength(code.length, maxCodeLength);
  }
  return { ok: true, code, changes: edits.map(summary).join('; ') };
}

type Place =
  | { ok: true; start: number; end: number; wholeLines: boolean }
  | { ok: false; kind: EditErrorKind; why: string };

/** Where a SEARCH text stands inside the EVOLVE-BLOCKs: exactly, or as the only loose match. */
function locate(code: string, search: string): Place {
  const { blocks } = findEvolveBlocks(code);
  const mayChange = (start: number, end: number) => blocks.some((block) => block.start <= start && end <= block.end);
  // A match of whole lines comes first: `x = 1` must not match inside `max = 10`.
  let partial: number | null = null;
  let outside = false;
  for (let start = code.indexOf(search); start >= 0; start = code.indexOf(search, start + 1)) {
    const end = start + search.length;
    if (!mayChange(start, end)) {
      outside = true;
      continue;
    }
    const wholeLines = (start === 0 || code[start - 1] === '\n') && (end === code.length || code[end] === '\n');
    if (wholeLines) return { ok: true, start, end, wholeLines };
    partial ??= start;
  }
  if (partial !== null) return { ok: true, start: partial, end: partial + search.length, wholeLines: false };
  const loose = looseMatches(code, search).filter(({ start, end }) => mayChange(start, end));
  const [only] = loose;
  if (only && loose.length === 1) return { ok: true, ...only, wholeLines: true };
  if (only) {
    return {
      ok: false,
      kind: 'search_ambiguous',
      why: 'fits more than one place; quote more lines around the change.',
    };
  }
  if (outside) {
    return {
      ok: false,
      kind: 'outside_evolve_block',
      why: 'quotes code outside the EVOLVE-BLOCK markers; only what stands between them may change.',
    };
  }
  const line = JSON.stringify(clip(search.split('\n').find((text) => text.trim() !== '') ?? ''));
  return { ok: false, kind: 'search_not_found', why: `does not occur in the program. Its first line is ${line}.` };
}

/** The places whose lines equal the SEARCH lines when spaces at their borders are ignored. */
function looseMatches(code: string, search: string): { start: number; end: number }[] {
  const wanted = search.split('\n').map((line) => line.trim());
  const lines = code.split('\n');
  const trimmed = lines.map((line) => line.trim());
  const matches: { start: number; end: number }[] = [];
  let start = 0;
  for (const [at, line] of lines.entries()) {
    if (at + wanted.length > lines.length) break;
    if (wanted.every((text, offset) => trimmed[at + offset] === text)) {
      matches.push({ start, end: start + lines.slice(at, at + wanted.length).join('\n').length });
    }
    start += line.length + 1;
  }
  return matches;
}

const TAGS: Record<string, string[]> = {
  cpp: ['c++', 'cc'],
  javascript: ['js', 'mjs', 'cjs', 'node'],
  python: ['py', 'python3'],
  rust: ['rs'],
  shell: ['sh', 'bash'],
  typescript: ['ts'],
};

/** Of the fenced blocks: those with the program's markers, else with its tag, else without a tag; of these the longest. */
function wholeProgram(parent: string, reply: string, { language }: { language: string }): EditResult {
  const { marked } = findEvolveBlocks(parent);
  const tags = [language, ...(TAGS[language] ?? [])];
  const fences = fencedCodes(reply).filter(({ code }) => code.trim() !== '');
  const preferred = [
    fences.filter(({ code }) => marked && code.includes('EVOLVE-BLOCK-START')),
    fences.filter(({ tag }) => tags.includes(tag)),
    fences.filter(({ tag }) => tag === ''),
    fences,
  ].find((some) => some.length > 0);
  if (!preferred) {
    return refuse('no_edit', 'The reply holds neither a SEARCH/REPLACE block nor a fenced code block with a program.');
  }
  const { code } = preferred.reduce((longest, next) => (next.code.length > longest.code.length ? next : longest));
  return { ok: true, code: parent.endsWith('\n') ? code : code.replace(/\n$/, ''), changes: 'Full rewrite' };
}

function checkFixedParts(parent: string, result: EditResult & { ok: true }): EditResult {
  const before = fixedParts(parent);
  const after = fixedParts(result.code);
  if (before.length === after.length && before.every((part, index) => part === after[index])) return result;
  return refuse(
    'outside_evolve_block',
    before.length === 0
      ? 'The edit puts EVOLVE-BLOCK markers into a program that has none.'
      : 'The edit changes code outside the EVOLVE-BLOCK markers; only what stands between them may change.',
  );
}

function summary({ search, replace }: SearchReplace): string {
  const before = search.split('\n');
  const after = replace === '' ? [] : replace.split('\n');
  const changed = (lines: string[], other: string[]) => lines.filter((line) => !other.includes(line));
  const [from] = changed(before, after);
  const [to] = changed(after, before);
  return `${clip(from ?? before[0] ?? '')} → ${to === undefined ? '(deleted)' : clip(to)}`;
}

function clip(line: string): string {
  const text = line.trim();
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}

function refuseLength(length: number, maxCodeLength: number): EditResult {
  return refuse('too_long', `The program would have ${length} characters; max_code_length allows ${maxCodeLength}.`);
}

function refuse(kind: EditErrorKind, message: string): EditResult {
  return { ok: false, error: { kind, message } };
}
