import type { Trajectory } from '@kai/run-state';
import asciichart from 'asciichart';
import { formatScore } from './format.ts';
import { textWidth } from './text-width.ts';

/** The best score so far as a curve of at most `width` columns and `height` rows; [] when there is no score to draw. */
export function bestCurve(
  { improvements, iteration }: Pick<Trajectory, 'improvements' | 'iteration'>,
  { width, height }: { width: number; height: number },
): string[] {
  const scores = improvements.map(({ score }) => score);
  const range = Math.max(...scores) - Math.min(...scores);
  if (scores.length === 0 || !Number.isFinite(range)) return [];
  const labelWidth = Math.max(...scores.map((score) => textWidth(formatScore(score))));
  const columns = width - labelWidth - 2;
  if (columns < 10 || height < 2) return [];
  const series = bestPerColumn(improvements, { iteration, columns });
  const plot = asciichart.plot(series, {
    // One less: asciichart draws height + 1 rows.
    height: height - 1,
    // One cell for the label, one for the axis.
    offset: 2,
    format: (value) => formatScore(value).slice(0, labelWidth).padStart(labelWidth),
  });
  return plot.split('\n').map((row) => row.trimEnd());
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
