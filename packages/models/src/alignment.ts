import type { Line, ParsedProgram } from './program.ts';

// The table of a longest common subsequence grows with the product of both lengths; past this, only what both programs
// share at their start and end is aligned.
const maxTableCells = 1_000_000;

/**
 * Pairs the lines of two programs that have the same shape, in order: a longest common subsequence (Wagner and Fischer
 * 1974) of the lines that may change. Each pair is [line of a, line of b].
 */
export function alignLines(a: ParsedProgram, b: ParsedProgram): [Line, Line][] {
  const left = a.lines.filter((line) => line.block !== null);
  const right = b.lines.filter((line) => line.block !== null);
  const pairs: [Line, Line][] = [];
  let head = 0;
  while (head < left.length && head < right.length && left[head]!.shape === right[head]!.shape) {
    pairs.push([left[head]!, right[head]!]);
    head++;
  }
  let tail = 0;
  const most = Math.min(left.length, right.length) - head;
  while (tail < most && left.at(-1 - tail)!.shape === right.at(-1 - tail)!.shape) tail++;

  pairs.push(...longestCommon(left.slice(head, left.length - tail), right.slice(head, right.length - tail)));
  for (let i = tail; i > 0; i--) pairs.push([left.at(-i)!, right.at(-i)!]);
  return pairs;
}

function longestCommon(left: readonly Line[], right: readonly Line[]): [Line, Line][] {
  if (left.length * right.length > maxTableCells) return [];
  const width = right.length + 1;
  const lengths = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        left[i]!.shape === right[j]!.shape
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
    }
  }
  const pairs: [Line, Line][] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i]!.shape === right[j]!.shape) pairs.push([left[i++]!, right[j++]!]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}
