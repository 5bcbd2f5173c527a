import { formatCount, formatDuration, formatRate, formatScore } from './format.ts';
import type { Style } from './terminal.ts';
import { fitText, textWidth } from './text-width.ts';

export interface Progress {
  completed: number;
  maxIterations: number;
  perSecond: number | null;
  secondsLeft: number | null;
  best: number | null;
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const widestBar = 30;
const narrowestBar = 5;

/** The line at the bottom of `kai run`, at most `width - 1` columns: `███▌   412/1,000  18.2/s  0:32 left  best 1.934`. */
export function progressLine(
  progress: Progress,
  { width, paint = (_style, text) => text }: { width: number; paint?: (style: Style, text: string) => string },
): string {
  const { completed, maxIterations } = progress;
  const facts = progressFacts(progress).join('  ');
  const room = width - 1 - textWidth(facts) - 2;
  if (room < narrowestBar) return fitText(facts, width - 1);
  return `${paint('cyan', bar(completed / maxIterations, Math.min(widestBar, room)))}  ${facts}`;
}

/** The same for an output that is no terminal: `412/1,000 (41 %)  18.2/s  0:32 left  best 1.934`. */
export function plainProgressLine(progress: Progress): string {
  const [done, ...facts] = progressFacts(progress);
  const percent = Math.floor((progress.completed / progress.maxIterations) * 100);
  return [`${done} (${percent} %)`, ...facts].join('  ');
}

/** A bar of `width` columns in eighths of a column, padded with spaces. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const text = '█'.repeat(Math.floor(filled / 8)) + eighths[filled % 8];
  return text + '·'.repeat(width - textWidth(text));
}

function progressFacts({ completed, maxIterations, perSecond, secondsLeft, best }: Progress): string[] {
  return [
    `${formatCount(completed)}/${formatCount(maxIterations)}`,
    formatRate(perSecond),
    secondsLeft === null || completed >= maxIterations ? null : `${formatDuration(secondsLeft)} left`,
    `best ${formatScore(best)}`,
  ].filter((fact) => fact !== null);
}
