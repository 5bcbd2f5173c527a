/**
 * The score of a program, from its metrics.
 *
 * `combined_score` when it is there: itself if finite, else null. Without it: the mean of the finite metrics that are not
 * booleans, feature dimensions, `error`, `timeout` or `stage*_passed`. Null when none is left and when `error` is a text.
 * Never 0 for a failure.
 */
export function scoreOf(
  metrics: Readonly<Record<string, unknown>>,
  { featureDimensions = [] }: { featureDimensions?: readonly string[] } = {},
): number | null {
  if (typeof metrics.error === 'string') return null;
  if ('combined_score' in metrics) return finiteOrNull(metrics.combined_score);
  const counted = Object.entries(metrics)
    .filter(([name]) => !featureDimensions.includes(name) && !notAScore.test(name))
    .flatMap(([, value]) => finiteOrNull(value) ?? []);
  if (counted.length === 0) return null;
  return finiteOrNull(counted.reduce((sum, value) => sum + value, 0) / counted.length);
}

const notAScore = /^(error|timeout|stage.*_passed)$/;

function finiteOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
