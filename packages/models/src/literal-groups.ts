import type { Literal } from './literals.ts';
import type { Line, ParsedProgram } from './program.ts';
import { evolvableLines } from './program.ts';

/** A literal with what its siblings say about it: those at the same place of lines that differ in numbers only. */
export interface Place {
  line: Line;
  literal: Literal;
  /** Values of its siblings, its own included. */
  siblings: number[];
  /** How large a step of relative size 1 is. Always positive. */
  scale: number;
  /** Whether it counts in whole numbers; `1` among `[0.5, 1, 0.2]` does not. */
  whole: boolean;
}

/** Every literal that may change, line by line. */
export function literalPlaces(program: ParsedProgram): Place[] {
  const lines = evolvableLines(program);
  const byShape = groupByShape(lines);
  return lines.flatMap((line) =>
    line.literals.map((literal, position) => {
      const alike = byShape.get(line.shape)!;
      // A list on one line has its siblings beside it.
      const siblings = alike.length >= 3 ? alike.map((other) => other.literals[position]!) : line.literals;
      const values = siblings.length >= 3 ? siblings.map((sibling) => sibling.value) : [literal.value];
      const whole = literal.integer && (values.length < 3 || siblings.every((sibling) => sibling.integer));
      return { line, literal, siblings: values, scale: scaleOf(literal, values, whole), whole };
    }),
  );
}

function groupByShape(lines: readonly Line[]): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const group = groups.get(line.shape);
    if (group) group.push(line);
    else groups.set(line.shape, [line]);
  }
  return groups;
}

function scaleOf(literal: Literal, values: readonly number[], whole: boolean): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const scale = Math.sqrt(variance) || Math.abs(literal.value) || 1;
  return whole ? Math.max(1, scale) : scale;
}
