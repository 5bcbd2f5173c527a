import { scoreOf } from '../score.ts';

/** The score of a program and, where there is none, why. */
export interface Outcome {
  score: number | null;
  error: { kind: string; message: string } | null;
}

/**
 * What OpenEvolve's metrics say. It has no field for a failure: `timeout` that is true, an `error` that is a text, and
 * metrics without any score (`{"error": 0.0}`) are its failures, whatever score stands beside them.
 */
export function outcomeOf(
  metrics: Readonly<Record<string, unknown>>,
  { dimensions, artifacts = {} }: { dimensions: Iterable<string>; artifacts?: Readonly<Record<string, string>> },
): Outcome {
  if (metrics.timeout === true) return failure('timeout', messageOf(metrics, artifacts) ?? 'The evaluation timed out.');
  const score = scoreOf(metrics, { featureDimensions: [...dimensions] });
  if (score !== null) return { score, error: null };
  // The log writes a timeout's True as a number.
  if (metrics.timeout === 1 && metrics.error === 0) return failure('timeout', 'The evaluation timed out.');
  return failure('no_score', messageOf(metrics, artifacts) ?? 'No metric is a number that can be a score.');
}

function failure(kind: string, message: string): Outcome {
  return { score: null, error: { kind, message } };
}

function messageOf(
  { error }: Readonly<Record<string, unknown>>,
  { stderr, error_type }: Readonly<Record<string, string>>,
): string | null {
  if (typeof error === 'string') return error;
  return stderr ?? error_type ?? null;
}

/** The metrics apart: numbers (NaN where not finite), and everything else but null as its text. */
export function splitMetrics(metrics: Readonly<Record<string, unknown>>): {
  numbers: Record<string, number>;
  texts: Record<string, string>;
} {
  const entries = Object.entries(metrics);
  const numbers = entries.flatMap(([name, value]) =>
    typeof value === 'number' || value === null
      ? [[name, value !== null && Number.isFinite(value) ? value : Number.NaN] as const]
      : [],
  );
  const texts = entries.flatMap(([name, value]) =>
    typeof value === 'number' || value === null
      ? []
      : [[name, typeof value === 'string' ? value : JSON.stringify(value)] as const],
  );
  return { numbers: Object.fromEntries(numbers), texts: Object.fromEntries(texts) };
}
