/** A score in at most 7 significant digits, without trailing zeros; `–` for null. */
export function formatScore(score: number | null): string {
  return score === null ? '–' : trimZeros(score.toPrecision(7));
}

/** The step from one score to another, signed, in 3 significant digits: `+0.0213`. */
export function formatGain(from: number, to: number): string {
  const gain = to - from;
  if (gain === 0) return '±0';
  return `${gain > 0 ? '+' : '−'}${trimZeros(Math.abs(gain).toPrecision(3))}`;
}

/** The step relative to where it began: `+92.6 %`; null where a share says nothing (from 0 or below, or overflow). */
export function formatRelativeGain(from: number, to: number): string | null {
  const share = ((to - from) / from) * 100;
  if (from <= 0 || !Number.isFinite(share)) return null;
  return `${share < 0 ? '−' : '+'}${percentText(Math.abs(share))} %`;
}

/** `96.3 %`. Never rounds up to 100 %, which would claim what is not there yet. */
export function formatPercent(share: number): string {
  return `${percentText(share * 100)} %`;
}

/** `32 s`, `12:05`, `3:12:05` (hours), `2 d 3 h`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor((whole % 86_400) / 3600);
  if (days > 0) return `${days} d ${hours} h`;
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** `12 s`, `4 min`, `3 h`, `2 d`: for how long something has been. */
export function formatAge(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 120) return `${whole} s`;
  if (whole < 7200) return `${Math.floor(whole / 60)} min`;
  if (whole < 172_800) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} d`;
}

/** Iterations over time in the unit that fits: `23.8/s`, `4.2/min`, `1.5/h`; `–` when nothing is known. */
export function formatRate(perSecond: number | null): string {
  if (perSecond === null || !(perSecond > 0)) return '–';
  if (perSecond >= 1) return `${threeDigits(perSecond)}/s`;
  if (perSecond * 60 >= 1) return `${threeDigits(perSecond * 60)}/min`;
  return `${threeDigits(perSecond * 3600)}/h`;
}

/** `$12.30`; two digits that count below ten cents: `$0.0042`. */
export function formatCost(usd: number): string {
  return `$${usd !== 0 && Math.abs(usd) < 0.1 ? trimZeros(usd.toPrecision(2)) : usd.toFixed(2)}`;
}

/** `1,234`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 iteration`, `2 iterations`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function percentText(percent: number): string {
  if (percent >= 1000) return formatCount(Math.round(percent));
  const rounded = percent.toFixed(1);
  return percent < 100 && rounded === '100.0' ? '99.9' : rounded;
}

function threeDigits(value: number): string {
  return value >= 100 ? formatCount(Math.round(value)) : value.toPrecision(3);
}

function trimZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+(?=e|$)/, '') : digits;
}
