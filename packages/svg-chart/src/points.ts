export interface XY {
  x: number;
  y: number;
}

/** Larger numbers would overflow when a range is computed from them. */
const largest = 1e300;

/** The points whose x and y are finite, by x, with sizes beyond 1e300 brought back to it. Never changes its argument. */
export function finitePoints<Point extends XY>(points: readonly Point[] | undefined): Point[] {
  return (points ?? [])
    .filter((point) => Number.isFinite(point?.x) && Number.isFinite(point.y))
    .map((point) => (isModest(point.x) && isModest(point.y) ? point : shrink(point)))
    .sort((a, b) => a.x - b.x);
}

/**
 * A best-so-far curve: of the points by x, those that are strictly better than every one before. What runs in parallel ends in
 * another order than it began, so that what was a new best when it came may not be one by x. Never changes its argument.
 */
export function bestSoFar<Point extends XY>(
  points: readonly Point[] | undefined,
  direction: 'maximize' | 'minimize' = 'maximize',
): Point[] {
  let best: number | null = null;
  return finitePoints(points).filter(({ y }) => {
    if (best !== null && (direction === 'minimize' ? y >= best : y <= best)) return false;
    best = y;
    return true;
  });
}

function isModest(value: number): boolean {
  return Math.abs(value) <= largest;
}

function shrink<Point extends XY>(point: Point): Point {
  return { ...point, x: clamp(point.x, -largest, largest), y: clamp(point.y, -largest, largest) };
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
