import { EvolutionError } from './errors.ts';

/** A part of a program that may change: character offsets, `end` exclusive, marker lines not included. */
export interface EvolveBlock {
  start: number;
  end: number;
}

const MARKER = /^.*EVOLVE-BLOCK-(START|END).*$/gm;

/**
 * Finds what may change in a program: the text between each EVOLVE-BLOCK-START line and its EVOLVE-BLOCK-END line.
 *
 * The markers may stand in any comment style. A program without markers is one block, `marked` false.
 * Throws EvolutionError `unbalanced_evolve_block` for a start without an end, an end without a start, or nesting.
 */
export function findEvolveBlocks(code: string): { blocks: EvolveBlock[]; marked: boolean } {
  const blocks: EvolveBlock[] = [];
  let open: { start: number; line: number } | null = null;
  for (const match of code.matchAll(MARKER)) {
    const line = code.slice(0, match.index).split('\n').length;
    const lineEnd = match.index + match[0].length;
    if (match[1] === 'START') {
      if (open) {
        throw unbalanced(`line ${line} starts an EVOLVE-BLOCK inside the one that line ${open.line} started`);
      }
      open = { start: Math.min(lineEnd + 1, code.length), line };
    } else {
      if (!open) throw unbalanced(`line ${line} ends an EVOLVE-BLOCK that was never started`);
      blocks.push({ start: Math.min(open.start, match.index), end: match.index });
      open = null;
    }
  }
  if (open) throw unbalanced(`the EVOLVE-BLOCK that line ${open.line} starts is never ended`);
  if (blocks.length === 0) return { blocks: [{ start: 0, end: code.length }], marked: false };
  return { blocks, marked: true };
}

function unbalanced(what: string): EvolutionError {
  return new EvolutionError(
    'unbalanced_evolve_block',
    `The program's EVOLVE-BLOCK markers do not match: ${what}. Put one EVOLVE-BLOCK-START line before and one EVOLVE-BLOCK-END line after each part that may change.`,
  );
}

/** The program's text outside its blocks, marker lines included: what no edit may touch. */
export function fixedParts(code: string): string[] {
  const { blocks, marked } = findEvolveBlocks(code);
  if (!marked) return [];
  const parts: string[] = [];
  let from = 0;
  for (const block of blocks) {
    parts.push(code.slice(from, block.start));
    from = block.end;
  }
  parts.push(code.slice(from));
  return parts;
}
