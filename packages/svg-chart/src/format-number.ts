export interface FormatNumberOptions {
  /** Significant digits, 1 to 15. Default 4. */
  digits?: number;
}

/**
 * Formats a number for a person: at most `digits` significant digits, no trailing zeros, thousands grouped from 10,000 on,
 * an exponent below 0.0001 and from 1e9 on. Integers below 1e9 keep all their digits. NaN and infinities become "–".
 */
export function formatNumber(value: number, options: FormatNumberOptions = {}): string {
  const { digits = 4 } = options;
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size < 1e9 && Number.isInteger(value)) return group(String(value + 0));
  const significant = Math.min(15, Math.max(1, Math.round(digits) || 1));
  if (size >= 1e9 || size < 1e-4) return trimExponent(value.toExponential(significant - 1));
  const rounded = Number(value.toPrecision(significant));
  const decimals = Math.max(0, significant - 1 - Math.floor(Math.log10(Math.abs(rounded))));
  return group(trimZeros(rounded.toFixed(Math.min(20, decimals))));
}

/**
 * Formats values that stand near each other with the fewest significant digits, 4 to 15, at which two different
 * neighbours in the given order still look different: `[2.54101, 2.54102]` keeps five decimals, `[1, 2.5]` does not.
 */
export function formatDistinct(values: readonly number[]): string[] {
  let texts: string[] = [];
  for (let digits = 4; digits <= 15; digits++) {
    texts = values.map((value) => formatNumber(value, { digits }));
    if (texts.every((text, index) => index === 0 || text !== texts[index - 1] || values[index] === values[index - 1]))
      break;
  }
  return texts;
}

/**
 * Formats evenly spaced axis ticks with one number of decimals for all, just enough for their step:
 * `[0, 0.5, 1]` becomes `["0.0", "0.5", "1.0"]`. Very large or very small ticks all get an exponent. NaN or an infinity among
 * them: each is formatted on its own, as by {@link formatNumber}.
 */
export function formatTicks(ticks: readonly number[]): string[] {
  const largest = ticks.reduce((size, tick) => Math.max(size, Math.abs(tick)), 0);
  const step = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) : largest;
  if (largest === 0 || step === 0 || !Number.isFinite(largest + step)) return ticks.map((tick) => formatNumber(tick));
  // One part in a thousand of the step forgives the error of 0.1 + 0.2 without hiding a quarter step.
  const stepExponent = Math.floor(Math.log10(step * 1.001));
  if (largest >= 1e9 || largest < 1e-4) {
    const digits = Math.min(15, Math.max(0, Math.floor(Math.log10(largest * 1.001)) - stepExponent));
    return ticks.map((tick) => (tick === 0 ? '0' : trimExponent(tick.toExponential(digits))));
  }
  const decimals = Math.min(15, Math.max(0, -stepExponent));
  const texts = ticks.map((tick) => withoutNegativeZero(tick.toFixed(decimals)));
  return largest >= 1e4 ? texts.map((text) => group(text, 1e3)) : texts;
}

function withoutNegativeZero(text: string): string {
  return /^-[0.]*$/.test(text) ? text.slice(1) : text;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function trimExponent(text: string): string {
  const [mantissa = '', exponent = ''] = text.split('e');
  return `${trimZeros(mantissa)}e${exponent.replace('+', '')}`;
}

/** Puts commas between thousands, from `from` on. */
function group(text: string, from = 1e4): string {
  if (Math.abs(Number(text)) < from) return text;
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
