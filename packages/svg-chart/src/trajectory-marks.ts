import { escapeText, safeHref, truncateText } from './escape.ts';
import { formatNumber, formatTicks } from './format-number.ts';
import { type Anchor, fontSize, type Label, LabelSpace, textWidth } from './labels.ts';
import { linePath, stampPath, tickPath } from './path.ts';
import { clamp, type XY } from './points.ts';
import { color } from './svg.ts';
import { countFailed, type Layout, valueLabels, valueText } from './trajectory-layout.ts';

/** Only the newest improvements are links: each costs about 100 bytes, and the chart travels with every live update. */
const maxLinks = 100;

/** Axes, hardly visible grid lines, and around them the counts of what the plot cannot show. */
export function drawAxes(layout: Layout, xLabel: string, yLabel: string): string {
  const { width, left, right, top, bottom, x, y, xTicks, yTicks, above, below, failures } = layout;
  const grid = yTicks.map((tick) => `M${left} ${round(y(tick))}H${right}`).join('');
  const marks = xTicks.map((tick) => `M${round(x(tick))} ${bottom}v4`).join('');
  const xTexts = formatTicks(xTicks);
  const failed = countFailed(failures);
  const failedText = failed > 0 ? `${formatNumber(failed)} failed` : '';
  const belowLeft = left + (failedText ? textWidth(failedText) + 16 : 0);
  return [
    grid && `<path d="${grid}" stroke="${color.hairline}" stroke-opacity=".5"/>`,
    `<path d="M${left} ${bottom}H${right}${marks}" fill="none" stroke="${color.hairline}"/>`,
    '<g text-anchor="end">',
    ...formatTicks(yTicks).map((text, index) => drawText(text, left - 8, y(yTicks[index]!) + 4)),
    '</g><g text-anchor="middle">',
    ...xTexts.map((text, index) => {
      const half = textWidth(text) / 2;
      return drawText(text, clamp(x(xTicks[index]!), half, width - half), bottom + 17);
    }),
    '</g>',
    drawText(truncateText(yLabel, 40), left, 14),
    drawText(truncateText(xLabel, 40), right, bottom + 34, ' text-anchor="end"'),
    failedText && drawText(failedText, left, bottom + 34, ` fill="${color.bad}"`),
    drawArrows(above, layout, top, 'l-3 5h6z'),
    drawArrows(below, layout, bottom - 8, 'l-3-5h6z'),
    above.length > 0 && drawText(`${formatNumber(above.length)} off scale ↑`, right, 14, ' text-anchor="end"'),
    below.length > 0 && drawText(`${formatNumber(below.length)} off scale ↓`, belowLeft, bottom + 34),
  ]
    .filter(Boolean)
    .join('');
}

/** A dashed line per reference; one that lies off scale is named by its label alone. */
export function drawReferences({ references, left, right, y }: Layout): string {
  const lines = references.filter((reference) => isOnScale(y, reference.y));
  if (lines.length === 0) return '';
  const path = lines.map((reference) => `M${left} ${round(y(reference.y))}H${right}`).join('');
  return `<path d="${path}" stroke="${color.muted}" stroke-dasharray="4 4"/>`;
}

/** A tick per failure, as far as there are pixels, spread evenly over the stretch that it is known to lie in. */
export function drawFailures({ failures, x, bottom }: Layout): string {
  const columns = failures.flatMap(({ fromX, toX, count }) => {
    const [from, to] = [x(fromX), x(toX)];
    const ticks = Math.ceil(Math.min(count, to - from + 1));
    return Array.from({ length: ticks }, (_, i) =>
      ticks === 1 ? (from + to) / 2 : from + ((to - from) * i) / (ticks - 1),
    );
  });
  return columns.length === 0
    ? ''
    : `<path d="${tickPath(columns, bottom - 3)}" stroke="${color.bad}" stroke-width="6"/>`;
}

/** Every measured value as a dot of one path: a round line cap on a line of no length. */
export function drawSamples({ samples, x, y }: Layout): string {
  const places = samples.filter((point) => isOnScale(y, point.y)).map((point) => ({ x: x(point.x), y: y(point.y) }));
  if (places.length === 0) return '';
  const path = stampPath(places, 'h0', places.length > 1000 ? 1 : 2);
  return `<path d="${path}" stroke="${color.dots}" stroke-width="3" stroke-linecap="round"/>`;
}

/** The best so far as a step line; a best that lies off scale runs along the edge. */
export function drawBest(layout: Layout): string {
  const points = placeImprovements(layout);
  const last = points.at(-1);
  if (!last) return '';
  // Where several steps share a pixel, half pixels are exact enough and take a third of the text.
  const stepsPerPixel = hasCrowdedSteps(points, layout) ? 2 : 10;
  const path = linePath(stepCorners(points, layout), { step: true, stepsPerPixel });
  return (
    `<path d="${path}" fill="none" stroke="${color.accent}" stroke-width="1.5" stroke-linejoin="round"/>` +
    `<circle cx="${round(last.x)}" cy="${round(last.y)}" r="3" fill="${color.accent}"/>`
  );
}

/** Labels the current best, the references, then improvements by gain, as far as there is room for each. */
export function drawLabels(layout: Layout, { minimize, ended }: { minimize: boolean; ended: boolean }): string {
  const { improvements, failures, references, left, right, top, bottom, width, height, y } = layout;
  if (improvements.length === 0) {
    const text = countFailed(failures) > 0 ? 'No score' : 'No scores';
    return layout.samples.length > 0
      ? ''
      : drawText(ended ? text : `${text} yet`, width / 2, height / 2, ' text-anchor="middle"');
  }
  const points = placeImprovements(layout);
  const space = new LabelSpace({ left: left + 2, right, top: top - 8, bottom: bottom - 8 });
  reserveLine(space, stepCorners(points, layout));
  reserveArrows(space, layout);
  const valueAt = valueLabels(layout);

  const improvementLabel = (index: number) => {
    const { label, y: value } = improvements[index]!;
    const arrow = isOnScale(y, value) ? '' : value > y.domain()[1]! ? ' ↑' : ' ↓';
    return space.place(candidatesAround(points[index]!, truncateText(label || valueAt(index), 24) + arrow, minimize));
  };
  improvementLabel(points.length - 1);
  for (const reference of references) {
    const arrow = isOnScale(y, reference.y) ? '' : reference.y > y.domain()[1]! ? ' ↑' : ' ↓';
    const text = `${truncateText(reference.label, 32)} ${formatNumber(reference.y)}${arrow}`;
    space.place(candidatesAlong(y(reference.y), text, layout));
  }

  // What comes now may be left out; on top of dots it would be hard to read.
  reserveDots(space, layout);
  // By gain, the first value before all; a row of nearly equal numbers on a plateau would say nothing.
  const gains = points.map(({ y }, index) => Math.abs(y - (points[index - 1]?.y ?? Number.POSITIVE_INFINITY)));
  const byGain = points.map((_, index) => index).sort((a, b) => gains[b]! - gains[a]! || a - b);
  const labelled = [points.at(-1)!.y];
  // A few attempts per stretch of height, so that a steep start does not use up what the rest needs.
  const attempts = new Map<number, number>();
  for (const index of byGain) {
    const { y: level } = points[index]!;
    const stretch = Math.floor(level / 14);
    const tried = attempts.get(stretch) ?? 0;
    if (tried >= 10 || labelled.some((other) => Math.abs(other - level) < 14)) continue;
    attempts.set(stretch, tried + 1);
    if (improvementLabel(index)) labelled.push(level);
  }

  // The halo in the background's colour keeps a label readable on top of dots.
  const halo = `paint-order="stroke" stroke="${color.background}" stroke-width="3" stroke-linejoin="round"`;
  return `<g ${halo} fill="${color.ink}">${space.placed.map(drawLabel).join('')}</g>`;
}

function reserveArrows(space: LabelSpace, { above, below, top, bottom, x }: Layout): void {
  for (const [points, edge] of [
    [above, top],
    [below, bottom - 14],
  ] as const) {
    for (const point of points) {
      const center = x(point.x);
      space.reserve({ left: center - 3, right: center + 3, top: edge - 1, bottom: edge + 7 });
    }
  }
}

function reserveDots(space: LabelSpace, { samples, x, y }: Layout): void {
  for (const sample of samples) {
    if (!isOnScale(y, sample.y)) continue;
    const [left, top] = [x(sample.x) - 1, y(sample.y) - 1];
    space.reserve({ left, right: left + 2, top, bottom: top + 2 });
  }
}

/** The newest improvements that lead somewhere, as links with a name; empty when none does. */
export function drawLinks(layout: Layout, xLabel: string): string {
  const points = placeImprovements(layout);
  const links = layout.improvements.flatMap((improvement, index) => {
    const href = safeHref(improvement.href);
    if (index < points.length - maxLinks || href === undefined) return [];
    const { x, y } = points[index]!;
    const name = `${xLabel} ${formatNumber(improvement.x)}: ${valueText(layout.improvements, index)}`;
    const title = improvement.label ? `${name}, ${truncateText(improvement.label, 100)}` : name;
    return [
      `<a href="${escapeText(href)}"><circle cx="${round(x)}" cy="${round(y)}" r="2"><title>${escapeText(title)}</title></circle></a>`,
    ];
  });
  // The transparent stroke is no decoration: it makes each dot large enough to hit.
  return links.length === 0
    ? ''
    : `<g fill="${color.accent}" stroke="transparent" stroke-width="8">${links.join('')}</g>`;
}

function placeImprovements({ improvements, x, y }: Layout): XY[] {
  return improvements.map((point) => ({ x: x(point.x), y: y(point.y) }));
}

/** Where the step line changes value, and where it ends. */
function stepCorners(points: readonly XY[], layout: Layout): XY[] {
  const end = { x: layout.x(layout.lastX), y: points.at(-1)!.y };
  if (!hasCrowdedSteps(points, layout)) return [...points, end];
  // More steps than pixels: the last of each column is what remains visible of a line that only moves one way.
  return [...points.filter((point, i) => Math.floor(point.x) !== Math.floor(points[i + 1]?.x ?? -1)), end];
}

function hasCrowdedSteps(points: readonly XY[], { left, right }: Layout): boolean {
  return points.length > right - left;
}

function isOnScale(y: Layout['y'], value: number): boolean {
  const [low, high] = y.domain() as [number, number];
  return value >= low && value <= high;
}

function reserveLine(space: LabelSpace, points: readonly XY[]): void {
  points.forEach((point, index) => {
    const next = points[index + 1] ?? point;
    space.reserve({ left: point.x, right: next.x, top: point.y - 2, bottom: point.y + 2 });
    space.reserve({
      left: next.x - 2,
      right: next.x + 2,
      top: Math.min(point.y, next.y),
      bottom: Math.max(point.y, next.y),
    });
  });
}

/** Outside the step first, where a curve that only gets better leaves the paper empty; then inside it, over the dots. */
function candidatesAround({ x, y }: XY, text: string, minimize: boolean): Label[] {
  const [above, below] = [y - 6, y + fontSize + 4];
  const [outside, inside] = minimize ? [below, above] : [above, below];
  const at = (anchor: Anchor, baseline: number): Label => ({
    text,
    x: anchor === 'middle' ? x : anchor === 'end' ? x - 3 : x + 4,
    y: baseline,
    anchor,
  });
  return [at('end', outside), at('middle', outside), at('start', outside), at('start', inside)];
}

/** On the line or under it, from the right end to the left. */
function candidatesAlong(y: number, text: string, { left, right }: Layout): Label[] {
  const candidates: Label[] = [];
  for (let end = right; end - textWidth(text) > left; end -= 40) {
    for (const baseline of [y - 5, y + fontSize + 2]) candidates.push({ text, x: end, y: baseline, anchor: 'end' });
  }
  return candidates;
}

function drawLabel({ text, x, y, anchor }: Label): string {
  return drawText(text, x, y, anchor === 'start' ? '' : ` text-anchor="${anchor}"`);
}

function drawText(text: string, x: number, y: number, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${escapeText(text)}</text>`;
}

/** Arrow heads on the edge, one per place: as many as fit, however many values lie beyond. */
function drawArrows(points: readonly XY[], { x }: Layout, y: number, arrow: string): string {
  if (points.length === 0) return '';
  return `<path d="${stampPath(
    points.map((point) => ({ x: x(point.x), y })),
    arrow,
    0.5,
  )}"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10 + 0;
}
