import { curveStepAfter, line } from 'd3-shape';
import type { XY } from './points.ts';

/**
 * A drawing context for d3-shape that writes the shortest path text: relative commands, `h` and `v` where one coordinate
 * stays. Deltas are taken between rounded positions, so rounding errors never add up.
 */
class PathText {
  #text = '';
  #x = 0;
  #y = 0;

  /** @param scale steps per pixel: 10 rounds to 0.1 px, 1 to whole pixels. */
  constructor(readonly scale: number) {}

  moveTo(x: number, y: number): void {
    this.#command('m', x, y);
  }

  lineTo(x: number, y: number): void {
    this.#command('l', x, y);
  }

  closePath(): void {
    this.#text += 'z';
  }

  /** Moves to a place and adds commands that come back to it, e.g. `h0` for a dot. */
  stamp(x: number, y: number, commands: string): void {
    this.moveTo(x, y);
    this.#text += commands;
  }

  toString(): string {
    return this.#text;
  }

  #command(letter: 'm' | 'l', x: number, y: number): void {
    const dx = this.#round(x) - this.#x;
    const dy = this.#round(y) - this.#y;
    this.#x += dx;
    this.#y += dy;
    if (letter === 'l' && dy === 0) this.#text += dx === 0 ? '' : `h${this.#number(dx)}`;
    else if (letter === 'l' && dx === 0) this.#text += `v${this.#number(dy)}`;
    else this.#text += `${letter}${this.#number(dx)}${dy < 0 ? '' : ' '}${this.#number(dy)}`;
  }

  #round(value: number): number {
    return Math.round(value * this.scale);
  }

  #number(steps: number): string {
    // Adding 0 turns -0 into 0.
    return String(Math.round((steps / this.scale) * 100) / 100 + 0).replace(/^(-?)0\./, '$1.');
  }
}

export interface LinePathOptions {
  /** Holds each value until the next point instead of going there straight. */
  step: boolean;
  /** How finely places are told apart. Default 10, a tenth of a pixel. */
  stepsPerPixel?: number;
}

/** The line through points in pixels. Empty for none. */
export function linePath(points: readonly XY[], { step, stepsPerPixel = 10 }: LinePathOptions): string {
  const text = new PathText(stepsPerPixel);
  // d3 asks for a whole canvas; a line only ever moves, draws and closes.
  const shape = line<XY>(
    (point) => point.x,
    (point) => point.y,
  ).context(text as unknown as CanvasRenderingContext2D);
  if (step) shape.curve(curveStepAfter);
  shape(points as XY[]);
  return text.toString();
}

/**
 * One path that puts the same small shape at every point, each place once.
 *
 * @param points in pixels, in any order
 * @param commands path commands that draw the shape relative to its point and end there; `h0` with a round line cap is a dot
 * @param stepsPerPixel how finely places are told apart: 2 is half a pixel
 */
export function stampPath(points: readonly XY[], commands: string, stepsPerPixel: number): string {
  const places = new Map<string, XY>();
  for (const { x, y } of points) {
    const place = {
      x: Math.round(x * stepsPerPixel) / stepsPerPixel,
      y: Math.round(y * stepsPerPixel) / stepsPerPixel,
    };
    places.set(`${place.x} ${place.y}`, place);
  }
  const text = new PathText(stepsPerPixel);
  const ordered = [...places.values()].sort((a, b) => a.x - b.x || a.y - b.y);
  for (const place of ordered) text.stamp(place.x, place.y, commands);
  return text.toString();
}

/**
 * One path that, stroked with a width, is a row of upright ticks around `y`: one pixel wide, at least one pixel apart. Lying
 * strokes take two thirds of the text that upright ones would, and on whole pixels their sides are sharp.
 *
 * @param columns x in pixels, in any order
 */
export function tickPath(columns: readonly number[], y: number): string {
  const text = new PathText(1);
  const ordered = [...new Set(columns.map((x) => 2 * Math.round(x / 2)))].sort((a, b) => a - b);
  for (const x of ordered) {
    text.moveTo(x, y);
    text.lineTo(x + 1, y);
  }
  return text.toString();
}

/**
 * Thins points in pixels, ordered by x, to the first, lowest, highest and last of every column of one pixel: the drawn line
 * covers the same pixels (M4; Jugel et al., PVLDB 2014).
 */
export function thinByColumn(points: readonly XY[]): XY[] {
  const kept: XY[] = [];
  for (let start = 0; start < points.length; ) {
    const column = Math.floor(points[start]!.x);
    let end = start;
    let lowest = start;
    let highest = start;
    while (end < points.length && Math.floor(points[end]!.x) === column) {
      if (points[end]!.y > points[lowest]!.y) lowest = end;
      if (points[end]!.y < points[highest]!.y) highest = end;
      end++;
    }
    const indices = [...new Set([start, lowest, highest, end - 1])].sort((a, b) => a - b);
    kept.push(...indices.map((index) => points[index]!));
    start = end;
  }
  return kept;
}
