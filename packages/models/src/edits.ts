import type { ParsedProgram } from './program.ts';

/** Replaces the lines from `start` up to, not including, `end`; equal numbers insert before `start`. */
export interface Edit {
  start: number;
  end: number;
  lines: string[];
}

// Readers differ in whether a delimiter must begin its line, so a line that ends as one counts too.
const delimiterPattern = /^(?:<{5,}|={5,}|>{5,})|={7}\s*$|<{7} SEARCH|>{7} REPLACE/;

/** The program's text with the edits made. The edits must not overlap. */
export function applyEdits(program: ParsedProgram, edits: readonly Edit[]): string {
  const texts = program.lines.map((line) => line.text);
  for (const edit of [...edits].sort((a, b) => b.start - a.start)) {
    texts.splice(edit.start, edit.end - edit.start, ...edit.lines);
  }
  return texts.join('\n') + (program.text.endsWith('\n') ? '\n' : '');
}

/**
 * Writes edits as SEARCH/REPLACE blocks of whole lines, or null when blocks cannot express them.
 *
 * Whoever applies the blocks does so in order and replaces the first exact occurrence of each SEARCH text, so a block takes
 * in lines around it until its first occurrence, in the program as the blocks before it leave it, is the place that is
 * meant. Marker lines are never taken in. Neither side of a block is ever blank. They cannot express: a block left without
 * lines, text that reads as a delimiter, and a change in the second of two blocks with the same text.
 */
export function writeEdits(program: ParsedProgram, edits: readonly Edit[]): string | null {
  let hunks = mergeTouching(edits);
  while (!growUntilFound(program, hunks)) {
    // A hunk that met its neighbour becomes one with it; when none did, there is nothing left to take in.
    const merged = mergeTouching(hunks);
    if (merged.length === hunks.length) return null;
    hunks = merged;
  }
  const searches = hunks.map((hunk) => program.lines.slice(hunk.start, hunk.end).map((line) => line.text));
  if ([...searches, ...hunks.map((hunk) => hunk.lines)].flat().some((text) => delimiterPattern.test(text))) return null;
  return hunks
    .map((hunk, index) => {
      const search = searches[index]!.join('\n');
      return `<<<<<<< SEARCH\n${search}\n=======\n${hunk.lines.join('\n')}\n>>>>>>> REPLACE\n`;
    })
    .join('\n');
}

/** Grows each hunk in place until it is found where it is meant to be; stops at the first that would meet its neighbour. */
function growUntilFound(program: ParsedProgram, hunks: Edit[]): boolean {
  let current = program.text;
  let shift = 0;
  for (const [index, hunk] of hunks.entries()) {
    const block = program.blocks.find((range) => hunk.start >= range.start && hunk.end <= range.end);
    if (!block) return false;
    const previousEnd = hunks[index - 1]?.end ?? -1;
    const nextStart = hunks[index + 1]?.start ?? Number.POSITIVE_INFINITY;
    for (let step = 0; ; step++) {
      const search = program.lines
        .slice(hunk.start, hunk.end)
        .map((line) => line.text)
        .join('\n');
      const replace = hunk.lines.join('\n');
      const place = (program.lines[hunk.start]?.start ?? program.text.length) + shift;
      if (search.trim() !== '' && replace.trim() !== '' && current.indexOf(search) === place) {
        current = current.slice(0, place) + replace + current.slice(place + search.length);
        shift += replace.length - search.length;
        break;
      }
      const above = hunk.start > block.start;
      const below = hunk.end < block.end;
      if (!above && !below) return false;
      if (above && (step % 2 === 0 || !below)) hunk.lines.unshift(program.lines[--hunk.start]!.text);
      else hunk.lines.push(program.lines[hunk.end++]!.text);
      if (hunk.start <= previousEnd || hunk.end >= nextStart) return false;
    }
  }
  return true;
}

function mergeTouching(hunks: readonly Edit[]): Edit[] {
  const merged: Edit[] = [];
  for (const hunk of [...hunks].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = merged.at(-1);
    if (last?.end === hunk.start) {
      last.lines.push(...hunk.lines);
      last.end = hunk.end;
    } else merged.push({ ...hunk, lines: [...hunk.lines] });
  }
  return merged;
}
