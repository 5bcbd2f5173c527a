import { formatNumber } from './format-number.ts';
import { fontSize } from './labels.ts';
import { color, svgDocument } from './svg.ts';
import { countFailed, type Layout, layOut, valueText } from './trajectory-layout.ts';
import {
  drawAxes,
  drawBest,
  drawFailures,
  drawLabels,
  drawLinks,
  drawReferences,
  drawSamples,
} from './trajectory-marks.ts';

export interface ChartPoint {
  x: number;
  y: number;
  /** Shown beside the point where there is room, in place of its value. */
  label?: string;
  /** Where the point leads: `http:`, `https:` or relative; anything else is left out. */
  href?: string;
}

export interface ChartFailures {
  fromX: number;
  toX: number;
  count: number;
}

export interface ChartReference {
  y: number;
  /** Drawn on the line, followed by the value. */
  label: string;
}

export interface TrajectoryData {
  /** Each new best, in any order. The step line is drawn from those that are better than all before them by x. */
  improvements: readonly ChartPoint[];
  /** Measured values, all or a reduced set, drawn as dots. */
  samples: readonly { x: number; y: number }[];
  /** Stretches of x with `count` failures each, drawn as ticks along the bottom edge. */
  failures?: readonly ChartFailures[];
  /** The step line runs on to here. Default: the largest x in the data. */
  lastX?: number;
  /** Horizontal lines to compare with: the initial score, a target. */
  references?: readonly ChartReference[];
}

export interface TrajectoryOptions {
  /** Pixels (viewBox units). Text keeps its size, so a narrow screen wants a narrow chart. Default 1100. */
  width?: number;
  /** Default 280. */
  height?: number;
  /** Which scores are better. Default maximize. */
  direction?: 'maximize' | 'minimize';
  /** The accessible name. Default "Best <yLabel> by <xLabel>". */
  title?: string;
  /** Default: a sentence that states the finding, "best 0.93 at iteration 212 of 500". */
  description?: string;
  /** One unit of x, in the singular. Default "iteration". */
  xLabel?: string;
  /** Default "score". */
  yLabel?: string;
  /** The axis runs to here at least, e.g. the maximum of iterations. Default: the end of the data. */
  xMax?: number;
  /** Nothing will be added: a chart without a score does not say "yet". Default false. */
  ended?: boolean;
  /** Put before every id, so that several charts can share a page. Default none. */
  idPrefix?: string;
  /** Adds the theme (light and dark) and a background, so that the string can be saved as a file. Default false. */
  standalone?: boolean;
}

/**
 * Draws how the best score rose: a step line of the bests over one dot per measured value, ticks for failures along the
 * bottom edge, the larger improvements labelled, reference lines, axes with round ticks. One string serves both themes.
 *
 * Values that are NaN or infinite are left out. Values so far off that they would flatten the curve are marked by arrows on
 * the edge and counted there. Without a score it says so. The size stays bounded: at most some 35 kB for
 * any number of improvements over 2,000 samples.
 *
 * @returns an `<svg>` string, well-formed XML; equal input gives equal output
 */
export function trajectory(data: TrajectoryData, options: TrajectoryOptions = {}): string {
  const { xLabel = 'iteration', yLabel = 'score', idPrefix = '', standalone = false } = options;
  const { title = `Best ${yLabel} by ${xLabel}` } = options;
  const layout = layOut(data, options);
  const { description = describe(layout, options) } = options;
  const picture = [
    drawAxes(layout, xLabel, yLabel),
    drawReferences(layout),
    drawFailures(layout),
    drawSamples(layout),
    drawBest(layout),
    drawLabels(layout, { minimize: options.direction === 'minimize', ended: options.ended ?? false }),
  ].join('');
  return svgDocument({
    width: layout.width,
    height: layout.height,
    picture: `<g font-family="system-ui,sans-serif" font-size="${fontSize}" fill="${color.muted}">${picture}</g>`,
    links: drawLinks(layout, xLabel),
    title,
    description,
    idPrefix,
    standalone,
    sized: false,
  });
}

function describe({ improvements, failures, xEnd, above, below }: Layout, options: TrajectoryOptions): string {
  const { xLabel = 'iteration', yLabel = 'score' } = options;
  const best = improvements.at(-1);
  const value = valueText(improvements, improvements.length - 1);
  const facts = [
    best === undefined
      ? `no ${yLabel}${options.ended ? '' : ' yet'}`
      : `best ${yLabel === 'score' ? '' : `${yLabel} `}${value} at ${xLabel} ${formatNumber(best.x)} of ` +
        formatNumber(xEnd),
  ];
  const failed = countFailed(failures);
  if (failed > 0) facts.push(`${formatNumber(failed)} failed`);
  const off = above.length + below.length;
  if (off > 0) facts.push(`${formatNumber(off)} off scale`);
  return facts.join('; ');
}
