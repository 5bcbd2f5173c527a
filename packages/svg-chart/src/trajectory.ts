import { svgDocument } from './svg.ts';

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
  label: string;
}

export interface TrajectoryData {
  /** Each new best, in order of x; the step line is drawn exactly from them. */
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
  /** Put before every id, so that several charts can share a page. Default none. */
  idPrefix?: string;
  /** Adds the theme (light and dark) and a background, so that the string can be saved as a file. Default false. */
  standalone?: boolean;
}

export function trajectory(_data: TrajectoryData, options: TrajectoryOptions = {}): string {
  const { width = 1100, height = 280, title = 'Best score by iteration', idPrefix = '', standalone = false } = options;
  return svgDocument({ width, height, picture: '', title, idPrefix, standalone, sized: false });
}
