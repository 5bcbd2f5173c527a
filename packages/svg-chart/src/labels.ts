/** Captions are drawn at this size, in pixels. */
export const fontSize = 12;

export type Anchor = 'start' | 'middle' | 'end';

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Label {
  text: string;
  /** Where the text is anchored, on its baseline, in pixels. */
  x: number;
  y: number;
  anchor: Anchor;
}

/**
 * An upper estimate of the width of a text in pixels, without a font to ask: the digits of the common system fonts are 0.55
 * to 0.64 em wide, everything from the Hangul and CJK blocks on counts as a full em.
 */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += (character >= '\u1100' ? 1 : 0.62) * fontSize;
  return width;
}

export function labelBox({ text, x, y, anchor }: Label): Box {
  const width = textWidth(text);
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  return { left, right: left + width, top: y - fontSize + 1, bottom: y + 3 };
}

/** Places labels one after the other so that none covers another, leaves the area, or lies on what is already drawn. */
export class LabelSpace {
  readonly placed: Label[] = [];
  readonly #taken: Box[] = [];

  constructor(readonly area: Box) {}

  /** Keeps labels away from a box. */
  reserve(box: Box): void {
    this.#taken.push(box);
  }

  /** Takes the first candidate that is free, and tells whether there was one. */
  place(candidates: readonly Label[]): boolean {
    const free = candidates.find((candidate) => this.#isFree(labelBox(candidate)));
    if (!free) return false;
    const { left, right, top, bottom } = labelBox(free);
    this.reserve({ left: left - 6, right: right + 6, top, bottom });
    this.placed.push(free);
    return true;
  }

  #isFree(box: Box): boolean {
    const { area } = this;
    if (box.left < area.left || box.right > area.right || box.top < area.top || box.bottom > area.bottom) return false;
    return !this.#taken.some(
      (taken) => box.left < taken.right && box.right > taken.left && box.top < taken.bottom && box.bottom > taken.top,
    );
  }
}
