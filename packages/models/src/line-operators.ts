import type { Edit } from './edits.ts';
import { replaceInLine } from './literals.ts';
import type { Operator } from './operator.ts';
import { replaceLine } from './operator.ts';
import type { Line, ParsedProgram } from './program.ts';
import { evolvableLines } from './program.ts';
import type { Random } from './random.ts';
import { endsValue, isBalanced } from './tokens.ts';

/** Symbols and words that may stand for each other. */
const alternatives: readonly (readonly string[])[] = [
  ['+', '-', '*', '/'],
  ['<', '<=', '>', '>='],
  ['==', '!='],
  ['===', '!=='],
  ['&&', '||'],
  ['and', 'or'],
  ['+=', '-=', '*='],
  ['min', 'max'],
  ['floor', 'ceil', 'round'],
  ['sin', 'cos'],
  ['sqrt', 'cbrt'],
  ['true', 'false'],
  ['True', 'False'],
];
const alternativesOf = new Map(
  alternatives.flatMap((group) => group.map((text) => [text, group.filter((other) => other !== text)] as const)),
);

/** Puts another operator, or another function of the same kind, in the place of one. */
const swapOperator: Operator = {
  name: 'operator',
  prior: 0.06,
  initialStep: null,
  edit({ parent, random }) {
    const places = evolvableLines(parent).flatMap((line) =>
      line.tokens.flatMap((token, index) => {
        const others = alternativesOf.get(token.text);
        if (!others || (token.kind !== 'symbol' && token.kind !== 'word')) return [];
        // A sign is no operator.
        if (token.kind === 'symbol' && !endsValue(line.tokens[index - 1])) return [];
        return [{ line, token, others }];
      }),
    );
    if (places.length === 0) return null;
    const { line, token, others } = random.pick(places);
    const change = { column: token.start - line.start, length: token.text.length, text: random.pick(others) };
    return [replaceLine(line, replaceInLine(line.text, [change]))];
  },
};

/** Lines that can be moved together: one with balanced brackets, or as many as it takes until they are. */
interface Chunk {
  start: number;
  end: number;
  indent: number;
}

const maxChunkLines = 12;

function chunksOf(program: ParsedProgram): Chunk[] {
  return evolvableLines(program).flatMap((line) => {
    const chunk = chunkAt(program, line);
    return chunk ? [chunk] : [];
  });
}

function chunkAt(program: ParsedProgram, first: Line): Chunk | null {
  const block = program.blocks[first.block!]!;
  const last = Math.min(block.end, first.index + maxChunkLines);
  for (let end = first.index + 1; end <= last; end++) {
    if (!isBalanced(program.lines.slice(first.index, end).flatMap((line) => line.tokens))) continue;
    if (program.indented) {
      // What is indented deeper belongs to the line before.
      while (end < block.end && program.lines[end]!.code && program.lines[end]!.indent > first.indent) end++;
      if (end - first.index > maxChunkLines) return null;
    }
    return { start: first.index, end, indent: first.indent };
  }
  return null;
}

function textsOf(program: ParsedProgram, chunk: Chunk): string[] {
  return program.lines.slice(chunk.start, chunk.end).map((line) => line.text);
}

/** A place to insert lines of this indentation: before a line that has it or, for want of one, before any. */
function pickPlace(program: ParsedProgram, indent: number, random: Random): number | null {
  const lines = evolvableLines(program);
  const fitting = lines.filter((line) => line.indent === indent);
  if (fitting.length > 0) {
    const line = random.pick(fitting);
    const after = random.chance(0.5) ? chunkAt(program, line) : null;
    return after?.end ?? line.index;
  }
  return program.indented || lines.length === 0 ? null : random.pick(lines).index;
}

/** Takes lines away. */
const remove: Operator = {
  name: 'delete',
  prior: 0.03,
  initialStep: null,
  edit({ parent, random }) {
    const chunks = chunksOf(parent);
    if (chunks.length === 0) return null;
    const { start, end } = random.pick(chunks);
    return [{ start, end, lines: [] }];
  },
};

/** Puts a copy of some lines elsewhere. */
const copy: Operator = {
  name: 'copy',
  prior: 0.04,
  initialStep: null,
  edit({ parent, random }) {
    const chunks = chunksOf(parent);
    if (chunks.length === 0) return null;
    const chunk = random.pick(chunks);
    const place = pickPlace(parent, chunk.indent, random);
    return place === null ? null : [{ start: place, end: place, lines: textsOf(parent, chunk) }];
  },
};

/** Lets two pieces of the same indentation change places. */
const swap: Operator = {
  name: 'swap',
  prior: 0.06,
  initialStep: null,
  edit({ parent, random }) {
    const chunks = chunksOf(parent);
    if (chunks.length < 2) return null;
    const first = random.pick(chunks);
    const others = chunks.filter(
      (other) => other.indent === first.indent && (other.start >= first.end || other.end <= first.start),
    );
    if (others.length === 0) return null;
    const second = random.pick(others);
    return [
      { start: first.start, end: first.end, lines: textsOf(parent, second) },
      { start: second.start, end: second.end, lines: textsOf(parent, first) },
    ];
  },
};

/** Brings lines over from an inspiration: those that the parent does not have, first of all. */
const transplant: Operator = {
  name: 'transplant',
  prior: 0.05,
  initialStep: null,
  edit({ parent, inspirations, random }) {
    const own = new Set(parent.lines.map((line) => line.text.trim()));
    for (const { program } of random.shuffled(inspirations)) {
      const chunks = chunksOf(program).filter((chunk) => textsOf(program, chunk).some((text) => !own.has(text.trim())));
      if (chunks.length === 0) continue;
      const chunk = random.pick(chunks);
      const lines = textsOf(program, chunk);
      const target = targetOf(parent, chunk, random);
      return target === null ? null : [{ ...target, lines }];
    }
    return null;
  },
};

/** Replaces a piece of the parent at the same indentation as often as it adds to it. */
function targetOf(parent: ParsedProgram, chunk: Chunk, random: Random): Omit<Edit, 'lines'> | null {
  const alike = chunksOf(parent).filter((own) => own.indent === chunk.indent);
  if (alike.length > 0 && random.chance(0.5)) {
    const { start, end } = random.pick(alike);
    return { start, end };
  }
  const place = pickPlace(parent, chunk.indent, random);
  return place === null ? null : { start: place, end: place };
}

/** The operators that change code rather than numbers. */
export const lineOperators: readonly Operator[] = [swapOperator, remove, copy, swap, transplant];
