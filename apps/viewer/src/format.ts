import { formatNumber } from '@kai/svg-chart';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** A span in words of two units at most: `12 s`, `4 min 5 s`, `41 min`, `3 h 20 min`, `2 d 4 h`. assets/live.js says the same. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < minute) return `${whole} s`;
  if (whole < 10 * minute) return `${Math.floor(whole / minute)} min ${whole % minute} s`;
  if (whole < hour) return `${Math.floor(whole / minute)} min`;
  if (whole < day) return `${Math.floor(whole / hour)} h ${Math.floor((whole % hour) / minute)} min`;
  return `${Math.floor(whole / day)} d ${Math.floor((whole % day) / hour)} h`;
}

/** US dollars with two decimals, or four where two would show nothing. */
export function formatCost(costUsd: number): string {
  const decimals = costUsd !== 0 && Math.abs(costUsd) < 0.1 ? 4 : 2;
  return `$${costUsd.toFixed(decimals).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',')}`;
}

/** A share of 1 as `3.2 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent === 0 || percent >= 10 ? Math.round(percent) : percent.toFixed(1)} %`;
}

/** A score on its own, with a true minus. */
export function formatScore(score: number): string {
  return formatNumber(score, { digits: 5 }).replace('-', '−');
}

/** With its sign, a true minus. */
export function formatSigned(value: number, format: (size: number) => string = formatScore): string {
  return `${value < 0 ? '−' : '+'}${format(Math.abs(value))}`;
}

const mostDecimals = 8;

export interface ColumnOptions {
  /** Whether neighbours that differ must look different. Default true. */
  distinct?: boolean;
}

/**
 * How to write the figures of a column: all with one number of decimals, 3 to 8, the fewest at which neighbours that differ
 * look different and none but 0 looks like 0. Figures too large or too small for that are formatted one by one. Null is a
 * dash, a minus a true one.
 */
export function columnFormat(
  values: readonly (number | null)[],
  { distinct = true }: ColumnOptions = {},
): (value: number | null) => string {
  const figures = values.filter((value) => value !== null);
  const size = Math.max(0, ...figures.map(Math.abs));
  const isFixed = size === 0 || (size >= 1e-4 && size < 1e6);
  const decimals = isFixed ? decimalsFor(figures, distinct) : 0;
  return (value) => {
    if (value === null) return '–';
    const fixed = value.toFixed(decimals);
    return (isFixed && (value === 0 || Number(fixed) !== 0) ? fixed : formatNumber(value)).replace('-', '−');
  };
}

function decimalsFor(figures: readonly number[], distinct: boolean): number {
  // What no number of decimals would show is written with an exponent.
  const isShown = (text: string, figure: number) => Number(text) !== 0 || Math.abs(figure) < 0.5 * 10 ** -mostDecimals;
  for (let decimals = 3; decimals < mostDecimals; decimals++) {
    const texts = figures.map((figure) => figure.toFixed(decimals));
    const isDistinct =
      !distinct || texts.every((text, index) => text !== texts[index + 1] || figures[index] === figures[index + 1]);
    if (isDistinct && texts.every((text, index) => isShown(text, figures[index]!))) return decimals;
  }
  return mostDecimals;
}

/** The exact moment, for a title: `2026-11-22 22:23:05 UTC`. */
export function formatMoment(ts: number): string {
  const date = new Date(ts * 1000);
  return Number.isNaN(date.getTime()) ? '' : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
