import type { Edit } from './edits.ts';
import type { Line, ParsedProgram } from './program.ts';
import type { Random } from './random.ts';

/** What an operator works from. */
export interface Situation {
  parent: ParsedProgram;
  /** `lead`: 1 when it scores better than the parent, -1 worse, 0 equal or unknown. */
  inspirations: { program: ParsedProgram; lead: number }[];
  random: Random;
  /** The operator's own adapted step size, relative to the scale of what it changes. */
  stepSize: number;
}

/** One way to change a program. */
export interface Operator {
  /** What proposals name as their model, after `offline/`. */
  name: string;
  /** How promising it is before anything is known, in (0, 1]. */
  prior: number;
  /** Where its step size starts; null when it takes no steps. */
  initialStep: number | null;
  /** The edits that make a child, or null when it finds nothing to do here. */
  edit(situation: Situation): Edit[] | null;
}

/** The edit that puts one line's new text in its place. */
export function replaceLine(line: Line, text: string): Edit {
  return { start: line.index, end: line.index + 1, lines: [text] };
}
