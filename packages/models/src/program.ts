import { ModelsError } from './errors.ts';
import type { Literal } from './literals.ts';
import { readLiteral } from './literals.ts';
import { syntaxOf } from './syntax.ts';
import type { Token } from './tokens.ts';
import { tokenize } from './tokens.ts';

/** One line of a program. */
export interface Line {
  /** Its number in the program, from 0. */
  index: number;
  /** Without the line feed. A carriage return is kept. */
  text: string;
  /** The block that it is in; null outside all blocks, where nothing may change. */
  block: number | null;
  /** Whether it holds any code, so not only white space, comment or the inside of a string. */
  code: boolean;
  /** Width of its indentation in characters. */
  indent: number;
  tokens: Token[];
  /** Where it starts in the program. */
  start: number;
  literals: Literal[];
  /** Its text with `#` for every literal: lines that differ in numbers only have the same shape. */
  shape: string;
}

/** A program cut into lines, with those that may change grouped in blocks. */
export interface ParsedProgram {
  text: string;
  lines: Line[];
  /** First line and the line after the last, of each block; markers excluded. */
  blocks: { start: number; end: number }[];
  tokens: Token[];
  /** Whether indentation is what groups lines in this language. */
  indented: boolean;
}

/**
 * Cuts a program into lines and finds what may change: the lines between EVOLVE-BLOCK-START and EVOLVE-BLOCK-END, in
 * whatever comments these stand; without any marker, every line.
 *
 * Throws a ModelsError `unbalanced_markers` when a marker lacks its partner.
 */
export function parseProgram(text: string, language: string): ParsedProgram {
  const texts = text.split('\n');
  // The piece after a final line feed is no line of the program.
  if (texts.length > 1 && texts.at(-1) === '') texts.pop();
  const blocks = findBlocks(texts);
  const syntax = syntaxOf(language);
  const tokens = tokenize(text, syntax);

  const lines: Line[] = [];
  let start = 0;
  let next = 0;
  for (const [index, lineText] of texts.entries()) {
    const end = start + lineText.length;
    const block = blocks.findIndex((range) => index >= range.start && index < range.end);
    const line: Line = {
      index,
      text: lineText,
      block: block < 0 ? null : block,
      code: false,
      indent: /^\s*/.exec(lineText)![0].length,
      tokens: [],
      start,
      literals: [],
      shape: lineText,
    };
    for (; next < tokens.length && tokens[next]!.start < end; next++) {
      const token = tokens[next]!;
      line.tokens.push(token);
      if (token.kind !== 'comment') line.code = true;
      if (token.kind !== 'number') continue;
      const literal = readLiteral(tokens, next, start);
      if (literal) line.literals.push(literal);
    }
    line.shape = shapeOf(line);
    lines.push(line);
    start = end + 1;
  }
  return { text, lines, blocks, tokens, indented: syntax.indented };
}

/** The lines inside the blocks that hold code. */
export function evolvableLines(program: ParsedProgram): Line[] {
  return program.lines.filter((line) => line.block !== null && line.code);
}

function shapeOf(line: Line): string {
  let shape = '';
  let at = 0;
  for (const literal of line.literals) {
    shape += `${line.text.slice(at, literal.column)}#`;
    at = literal.column + literal.text.length;
  }
  return shape + line.text.slice(at);
}

function findBlocks(texts: readonly string[]): { start: number; end: number }[] {
  const blocks: { start: number; end: number }[] = [];
  let open: number | null = null;
  let marked = false;
  for (const [index, text] of texts.entries()) {
    const starts = text.includes('EVOLVE-BLOCK-START');
    const ends = text.includes('EVOLVE-BLOCK-END');
    if (!starts && !ends) continue;
    marked = true;
    if ((starts && open !== null) || (ends && open === null) || (starts && ends)) throw unbalanced(index);
    if (starts) open = index + 1;
    else {
      blocks.push({ start: open!, end: index });
      open = null;
    }
  }
  if (open !== null) throw unbalanced(open - 1);
  return marked ? blocks : [{ start: 0, end: texts.length }];
}

function unbalanced(index: number): ModelsError {
  return new ModelsError(
    'unbalanced_markers',
    `Could not find what may change in the program: the marker in line ${index + 1} has no partner. ` +
      'Every EVOLVE-BLOCK-START needs one EVOLVE-BLOCK-END after it, each on its own line.',
  );
}
