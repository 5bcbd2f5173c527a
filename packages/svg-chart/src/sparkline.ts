import { extent } from 'd3-array';
import { scaleLinear } from 'd3-scale';
import { linePath, thinByColumn } from './path.ts';
import { clamp, finitePoints } from './points.ts';
import { robustRange, widenRange } from './range.ts';
import { color, svgDocument } from './svg.ts';

export interface SparklinePoint {
  x: number;
  y: number;
}

export interface SparklineOptions {
  /** Pixels. Default 100. */
  width?: number;
  /** Pixels. Default 20. */
  height?: number;
  /** Share it down a column of sparklines. Default: the extent of the points. */
  xDomain?: readonly [number, number];
  /** Share it down a column of sparklines. Default: the range of the points without wild outliers. */
  yDomain?: readonly [number, number];
  /** What a screen reader announces and a pointer shows. Without it the sparkline is decoration beside its number. */
  title?: string;
  /** Holds each value until the next point, as for a best-so-far curve. Default false. */
  step?: boolean;
  /** Put before every id, so that several charts can share a page. Default none. */
  idPrefix?: string;
  /** Adds the theme and a background, so that the string can be saved as a file. Default false. */
  standalone?: boolean;
}

/**
 * Draws a curve as small as a word: a 1.25 px line, its last point dotted, no axes.
 *
 * Points are taken in order of x; points with NaN or an infinity are left out; values outside a domain run along its edge.
 * No points: an empty picture of the same size.
 */
export function sparkline(points: readonly SparklinePoint[], options: SparklineOptions = {}): string {
  const { step = false, title, idPrefix = '', standalone = false } = options;
  const width = clamp(Number.isFinite(options.width) ? Math.round(options.width!) : 100, 8, 10_000);
  const height = clamp(Number.isFinite(options.height) ? Math.round(options.height!) : 20, 8, 10_000);
  const finite = finitePoints(points);
  const xRange = usableDomain(options.xDomain) ?? extent(finite, (point) => point.x);
  const yRange = usableDomain(options.yDomain) ?? robustRange({ samples: finite.map((point) => point.y) });
  let picture = '';
  if (finite.length > 0 && xRange[0] !== undefined && yRange) {
    const x = scaleLinear(widenRange(xRange), [2, width - 3]).clamp(true);
    const y = scaleLinear(widenRange(yRange), [height - 3, 3]).clamp(true);
    const places = finite.map((point) => ({ x: x(point.x), y: y(point.y) }));
    const last = places.at(-1)!;
    picture =
      `<path d="${linePath(thinByColumn(places), { step })}" fill="none" stroke="${color.accent}" stroke-width="1.25" stroke-linejoin="round"/>` +
      `<circle cx="${Math.round(last.x * 10) / 10}" cy="${Math.round(last.y * 10) / 10}" r="2" fill="${color.accent}"/>`;
  }
  return svgDocument({ width, height, picture, title, idPrefix, standalone, sized: true });
}

function usableDomain(domain: readonly [number, number] | undefined): [number, number] | undefined {
  if (!domain?.every(Number.isFinite)) return undefined;
  const [a, b] = domain.map((value) => clamp(value, -1e300, 1e300)) as [number, number];
  return a <= b ? [a, b] : [b, a];
}
