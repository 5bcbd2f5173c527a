import type { Token } from './tokens.ts';
import { endsValue } from './tokens.ts';

/** A decimal number in the code of one line, with its sign. */
export interface Literal {
  /** Column where its text starts, sign included. */
  column: number;
  text: string;
  value: number;
  /** Written without a dot or an exponent, and not of a floating type. */
  integer: boolean;
  /** Digits after the dot as written. */
  decimals: number;
  /** Written with an exponent. */
  exponent: boolean;
  /** A type suffix such as `f` or `u32`. */
  suffix: string;
  /** Whether a negative value here must stand in parentheses to remain one number: `x-(-1)`, `(-2)**n`. */
  fragile: boolean;
}

const decimalPattern =
  /^(?<digits>\d[\d_]*)?(?<fraction>\.[\d_]*)?(?<exponent>[eE][+-]?\d+)?(?<suffix>_?[fiu](?:8|16|32|64|128|size)|[fFlLuUdDnj]{1,3})?$/;

/**
 * Reads the number at `tokens[index]`, or null when it is better left alone: hexadecimal, octal or binary notation,
 * version-like text, an unknown suffix, a number too large to be exact.
 *
 * A minus that belongs to it (`return -1`, `[-1, -2]`) is part of it.
 */
export function readLiteral(tokens: readonly Token[], index: number, lineStart: number): Literal | null {
  const token = tokens[index]!;
  const groups = decimalPattern.exec(token.text)?.groups;
  if (!groups) return null;
  const digits = (groups.digits ?? '').replaceAll('_', '');
  const fraction = (groups.fraction ?? '').replaceAll('_', '');
  if (/^0\d/.test(digits) || (digits === '' && fraction.length < 2)) return null;
  const magnitude = Number(`${digits || '0'}${fraction.length > 1 ? fraction : ''}${groups.exponent ?? ''}`);
  if (!Number.isFinite(magnitude) || magnitude > Number.MAX_SAFE_INTEGER) return null;

  const before = tokens[index - 1];
  const after = tokens[index + 1];
  const signed =
    before?.kind === 'symbol' &&
    before.text === '-' &&
    before.start + 1 === token.start &&
    before.start >= lineStart &&
    !endsValue(tokens[index - 2]);
  const start = signed ? before.start : token.start;
  const touching = tokens[index - (signed ? 2 : 1)];
  const suffix = groups.suffix ?? '';
  return {
    column: start - lineStart,
    text: `${signed ? '-' : ''}${token.text}`,
    value: signed ? -magnitude : magnitude,
    integer: groups.fraction === undefined && groups.exponent === undefined && !/^_?f|^[FdDj]/.test(suffix),
    decimals: Math.max(0, fraction.length - 1),
    exponent: groups.exponent !== undefined,
    suffix,
    fragile:
      after?.text === '**' ||
      (touching?.kind === 'symbol' &&
        /[-+*/<>=!&|%^~]$/.test(touching.text) &&
        touching.start + touching.text.length === start),
  };
}

/**
 * Writes a value in the place of a literal and in its manner: a float keeps a dot, an integer has none unless the value
 * needs one, a suffix and an exponent stay.
 *
 * `resolution` is the smallest difference that matters; digits far below it are dropped. 0 keeps the shortest exact text.
 */
export function writeLiteral(literal: Literal, value: number, resolution: number): string {
  const negative = value < 0;
  const magnitude = Math.abs(value);
  let text: string;
  if (literal.integer && Number.isInteger(value)) text = String(magnitude);
  else if (literal.exponent || (magnitude !== 0 && (magnitude < 1e-5 || magnitude >= 1e12))) {
    text = magnitude
      .toExponential(3)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  } else {
    const decimals = resolution > 0 ? Math.min(12, Math.max(1, 1 - Math.floor(Math.log10(resolution)))) : 12;
    text = magnitude.toFixed(decimals).replace(/(\.\d+?)0+$/, '$1');
  }
  const suffix = literal.integer && text.includes('.') ? '' : literal.suffix;
  // What rounds to zero has no sign.
  if (!negative || Number(text) === 0) return `${text}${suffix}`;
  return literal.fragile ? `(-${text}${suffix})` : `-${text}${suffix}`;
}

/** The line with each given literal replaced by its new text. */
export function replaceInLine(
  text: string,
  changes: readonly { column: number; length: number; text: string }[],
): string {
  let result = text;
  for (const change of [...changes].sort((a, b) => b.column - a.column)) {
    result = `${result.slice(0, change.column)}${change.text}${result.slice(change.column + change.length)}`;
  }
  return result;
}
