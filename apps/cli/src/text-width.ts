import { stripVTControlCharacters } from 'node:util';

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const zeroWidth = /\p{Mn}|\p{Me}/u;

/** How many terminal columns a line takes, styling left out (after the ranges of Unicode's EastAsianWidth.txt). */
export function textWidth(line: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(line)) width += columnsOf(character);
  return width;
}

/** `text` (without styling) cut to `width` columns, with an ellipsis when something was cut off. */
export function fitText(text: string, width: number): string {
  if (width <= 0) return '';
  if (textWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const columns = columnsOf(character);
    if (used + columns > width - 1) break;
    kept += character;
    used += columns;
  }
  return `${kept}…`;
}

/** `text` on as many lines of `width` columns as it needs, broken between words; a word that is longer is cut in pieces. */
export function wrapText(text: string, width: number): string[] {
  if (width <= 0) return [];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const character of word) {
      if (textWidth(line + character) > width) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  return line === '' ? lines : [...lines, line];
}

function columnsOf(character: string): number {
  if (character < '\u0300') return 1;
  if (zeroWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
