import type { ProgressRecord } from './record.ts';

/** Text that stands in JSON as it is, one byte a character. */
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** The fraction of a second as JSON writes it, by milliseconds: '' '.001' … '.1' … '.999'. */
const fractions = Array.from({ length: 1000 }, (_, ms) => `${ms / 1000}`.slice(1));

/** The last three digits of a number from 1000 on. */
const threeDigits = Array.from({ length: 1000 }, (_, number) => `${number}`.padStart(3, '0'));

/**
 * encodeProgressLine for the lines of one feed, quick enough to stand beside a write of each: what mostly repeats from line to
 * line (best, model, the second, the thousands of the iteration) keeps its text. Numbers become text through JSON.stringify, because a template looks each one
 * up in V8's cache of number texts, and a miss there costs as much as all of the rest.
 */
export class LineEncoder {
  #best: number | null = null;
  #bestText = ',"best":null,"program_id":';
  #model: string | null = null;
  #modelText = ',"model":null,"ts":';
  #thousand = 0;
  #iterStart = '{"iter":';
  #second = -1;
  #secondText = '';

  /** What encodeProgressLine gives, as long as that is ASCII and the record has no `extra`. Null: ask encodeProgressLine. */
  encodeAscii({ iter, score, best, programId, model, ts, extra }: ProgressRecord): string | null {
    if (extra !== undefined || !Number.isSafeInteger(iter) || iter < 0 || typeof ts !== 'number') return null;
    if (!isNumberOrNull(score) || !isPlainOrNull(programId)) return null;
    if (best !== this.#best && !this.#keepBest(best)) return null;
    if (model !== this.#model && !this.#keepModel(model)) return null;
    const id = programId === null ? 'null' : `"${programId}"`;
    return `${this.#iterText(iter)},"score":${JSON.stringify(score)}${this.#bestText}${id}${this.#modelText}${this.#timeText(ts)}}`;
  }

  #iterText(iter: number): string {
    if (iter < 1000) return `{"iter":${iter}`;
    const thousand = Math.floor(iter / 1000);
    if (thousand !== this.#thousand) {
      this.#thousand = thousand;
      this.#iterStart = `{"iter":${thousand}`;
    }
    return this.#iterStart + threeDigits[iter - thousand * 1000];
  }

  #keepBest(best: number | null): boolean {
    if (!isNumberOrNull(best)) return false;
    this.#best = best;
    this.#bestText = `,"best":${JSON.stringify(best)},"program_id":`;
    return true;
  }

  #keepModel(model: string | null): boolean {
    if (!isPlainOrNull(model)) return false;
    this.#model = model;
    this.#modelText = `,"model":${JSON.stringify(model)},"ts":`;
    return true;
  }

  /** A clock's times are whole milliseconds: with so few digits the decimal that is this number is also its shortest text. */
  #timeText(ts: number): string {
    const second = Math.floor(ts);
    const ms = Math.round((ts - second) * 1000);
    const fraction = fractions[ms];
    if (fraction === undefined || !(ts >= 1 && ts < 1e11) || (second * 1000 + ms) / 1000 !== ts)
      return JSON.stringify(ts);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = JSON.stringify(second);
    }
    return this.#secondText + fraction;
  }
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || typeof value === 'number';
}

function isPlainOrNull(value: unknown): boolean {
  return value === null || (typeof value === 'string' && plain.test(value));
}
