import type { Trajectory } from '@kai/run-state';
import asciichart from 'asciichart';
import { formatScore } from './format.ts';
import { textWidth } from './text-width.ts';

/** The best score so far as a curve of at most `width` columns and about `height` rows; [] when there is nothing to draw. */
export function bestCurve(
  { improvements, iteration }: Pick<Trajectory, 'improvements' | 'iteration'>,
  { width, height }: { width: number; height: number },
): string[] {
  const scores = improvements.map(({ score }) => score);
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  if (scores.length === 0 || height < 2 || !Number.isFinite(most - least)) return [];
  const labels = rowLabels(least, most, height - 1);
  const columns = width - labels[0]!.length - 1;
  if (columns < 10) return [];
  const series = bestPerColumn(improvements, { iteration, columns });
  // Without labels: asciichart overwrites those that are shorter than its offset.
  const plot = asciichart.plot(series, { height: height - 1, offset: 1, format: () => '' });
  return plot.split('\n').map((row, index) => `${labels[index] ?? ''}${row.trimEnd()}`);
}

/** One label per row that asciichart draws: it rounds both ends, so they are a row more or less than `steps + 1`. */
function rowLabels(least: number, most: number, steps: number): string[] {
  const range = most - least;
  const perStep = range === 0 ? 1 : steps / range;
  const rows = Math.abs(Math.round(most * perStep) - Math.round(least * perStep));
  const values = range === 0 ? [most] : Array.from({ length: rows + 1 }, (_, row) => most - (row * range) / rows);
  const texts = values.map(formatScore);
  const width = Math.max(...texts.map(textWidth));
  return texts.map((text) => text.padStart(width));
}

/** The best score at the end of each column; columns before the first score have that one. */
function bestPerColumn(
  improvements: Trajectory['improvements'],
  { iteration, columns }: { iteration: number; columns: number },
): number[] {
  const count = Math.max(2, Math.min(columns, iteration + 1));
  const series: number[] = [];
  let next = 0;
  let best = improvements[0]!.score;
  for (let column = 0; column < count; column++) {
    const until = Math.round((column / (count - 1)) * iteration);
    while (next < improvements.length && improvements[next]!.iter <= until) best = improvements[next++]!.score;
    series.push(best);
  }
  return series;
}
