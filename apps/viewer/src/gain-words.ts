import type { Direction } from '@kai/run-state';
import { formatScore, formatShare } from './format.ts';
import type { RunFacts } from './run-facts.ts';

/** Shares below this say nothing; the gain itself is shown. */
const smallestShare = 0.001;

/** `+154 % over`, `23 % below`, or the bare difference where a share has no meaning; null without a gain. */
export function gainWords({ gain, gainShare }: RunFacts, direction: Direction): string | null {
  if (gain === null || gain <= 0) return null;
  const size = gainShare !== null && gainShare >= smallestShare ? formatShare(gainShare) : formatScore(gain);
  return direction === 'minimize' ? `${size} below` : `+${size} over`;
}
