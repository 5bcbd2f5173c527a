import { max, min } from 'd3-array';
import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { formatDistinct, formatNumber, formatTicks } from './format-number.ts';
import { textWidth } from './labels.ts';
import { bestSoFar, clamp, finitePoints, type XY } from './points.ts';
import { includeNear, type Range, robustRange, widenRange } from './range.ts';
import type { ChartFailures, ChartPoint, ChartReference, TrajectoryData, TrajectoryOptions } from './trajectory.ts';

/** The data without what cannot be drawn, and where it goes. */
export interface Layout {
  width: number;
  height: number;
  improvements: ChartPoint[];
  samples: XY[];
  failures: ChartFailures[];
  references: ChartReference[];
  /** Where the step line ends, and where the axis ends. */
  lastX: number;
  xEnd: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
  xTicks: number[];
  yTicks: number[];
  /** What is drawn as an arrow on the edge, because showing it to scale would flatten the rest. */
  above: XY[];
  below: XY[];
}

/** Cleans the data and decides where everything goes, in pixels. */
export function layOut(data: TrajectoryData, options: TrajectoryOptions): Layout {
  const width = pixels(options.width, 1100, 200);
  const height = pixels(options.height, 280, 120);
  const improvements = bestSoFar(data.improvements, options.direction);
  const samples = finitePoints(data.samples);
  const failures = (data.failures ?? [])
    .filter(({ fromX, toX, count }) => [fromX, toX, count].every(Number.isFinite) && count > 0)
    .map(({ fromX, toX, count }) => ({
      fromX: finiteOr(Math.min(fromX, toX), 0),
      toX: finiteOr(Math.max(fromX, toX), 0),
      count,
    }));
  const references = (data.references ?? []).filter(({ y }) => Number.isFinite(y) && Math.abs(y) <= 1e300);

  const xs = [...improvements, ...samples].map((point) => point.x).concat(failures.flatMap((f) => [f.fromX, f.toX]));
  const dataEnd = max(xs) ?? 0;
  const lastX = Math.max(dataEnd, finiteOr(data.lastX, dataEnd));
  const start = min(xs) ?? 0;
  const end = Math.max(lastX, finiteOr(options.xMax, lastX));
  // A count starts at 0; a window into a long run, or a clock time, does not.
  const xDomain: Range = [start > 0 && start <= end / 2 ? 0 : start, end];
  // Ends that hardly differ leave no room for a tick between them.
  const least = Math.max(1e-290, 1e-12 * Math.max(Math.abs(start), Math.abs(end)));
  if (xDomain[1] - xDomain[0] <= least) xDomain[1] += Math.max(1, Math.abs(end) / 10);

  const range = robustRange({ samples: samples.map(({ y }) => y), curve: improvements.map(({ y }) => y) });
  const yDomain = widenRange(
    range
      ? includeNear(
          range,
          references.map((reference) => reference.y),
        )
      : [0, 1],
  );

  const [top, bottom] = [26, height - 42];
  // Room for the label of the best, which stands above the line, or below it when minimizing.
  const minimize = options.direction === 'minimize';
  const y = scaleLinear(yDomain, [bottom - (minimize ? 30 : 14), top + (minimize ? 4 : 10)]).clamp(true);
  const yTicks = range ? y.ticks(Math.max(2, Math.round((bottom - top) / 35))) : [];
  const left = Math.ceil(14 + Math.max(24, ...formatTicks(yTicks).map(textWidth)));
  const right = width - 24;
  const x = scaleLinear(xDomain, [left + 6, right]);
  const xTicks = ticksThatFit(x, right - left, xs.every(Number.isInteger));

  const outside = new Map<string, XY>();
  for (const point of [...samples, ...improvements]) {
    // An improvement is usually among the samples too; it is one value.
    if (point.y < yDomain[0] || point.y > yDomain[1]) outside.set(`${point.x} ${point.y}`, point);
  }
  const above = [...outside.values()].filter((point) => point.y > yDomain[1]);
  const below = [...outside.values()].filter((point) => point.y < yDomain[0]);
  return {
    ...{ width, height, improvements, samples, failures, references, lastX, xEnd: end },
    ...{ left, right, top, bottom, x, y, xTicks, yTicks, above, below },
  };
}

/** Round ticks about 80 px apart, further where their texts are long; whole numbers between whole numbers. */
function ticksThatFit(x: Layout['x'], length: number, whole: boolean): number[] {
  const ticksApart = (pixels: number) =>
    x.ticks(Math.max(2, Math.round(length / pixels))).filter((tick) => !whole || Number.isInteger(tick));
  const ticks = ticksApart(80);
  const widest = Math.max(0, ...formatTicks(ticks).map(textWidth));
  return widest > 64 ? ticksApart(1.5 * widest + 16) : ticks;
}

/** How many values failed, over all stretches. */
export function countFailed(failures: readonly ChartFailures[]): number {
  return failures.reduce((sum, { count }) => sum + count, 0);
}

/** The value of an improvement with enough digits to tell it from the one before; empty when there is none. */
export function valueText(improvements: readonly ChartPoint[], index: number): string {
  const values = [improvements[index], improvements[index - 1]].flatMap((point) => (point ? [point.y] : []));
  return formatDistinct(values)[0] ?? '';
}

/**
 * How improvements are labelled: by their values as {@link valueText} gives them, those with fewer decimals than the rest padded
 * with zeros, up to the four digits of what is on the scale.
 */
export function valueLabels({ improvements, y }: Pick<Layout, 'improvements' | 'y'>): (index: number) => string {
  const largest = Math.max(...y.domain().map(Math.abs));
  const most = largest >= 1e-4 ? clamp(3 - Math.floor(Math.log10(largest)), 0, 7) : 0;
  let decimals = 0;
  for (const point of improvements) {
    if (decimals >= most) break;
    decimals = Math.max(decimals, decimalsOf(formatNumber(point.y)));
  }
  return (index) => padDecimals(valueText(improvements, index), Math.min(most, decimals));
}

function decimalsOf(text: string): number {
  return /^-?[\d,]+\.(\d+)$/.exec(text)?.[1]?.length ?? 0;
}

function padDecimals(text: string, decimals: number): string {
  const missing = decimals - decimalsOf(text);
  if (missing <= 0 || !/^-?[\d,]+(\.\d+)?$/.test(text)) return text;
  return `${text}${text.includes('.') ? '' : '.'}${'0'.repeat(missing)}`;
}

function pixels(value: number | undefined, fallback: number, least: number): number {
  return clamp(Math.round(finiteOr(value, fallback)), least, 10_000);
}

function finiteOr(value: number | undefined, fallback: number): number {
  return value !== undefined && Number.isFinite(value) ? clamp(value, -1e300, 1e300) : fallback;
}
