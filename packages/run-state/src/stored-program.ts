import { z } from 'zod';
import { countOr, isFiniteNumber, isObject, metrics, numberOr, text, textMap, textOrNull } from './fields.ts';
import { recordFormat } from './record-format.ts';
import { scoreOf } from './score.ts';

/** A program as it stands in a checkpoint. `timestamp` is Unix seconds. */
export interface StoredProgram {
  id: string;
  code: string;
  /** e.g. `javascript`, `python`; `text` when unknown. */
  language: string;
  parentId: string | null;
  generation: number;
  timestamp: number;
  iterationFound: number;
  /** NaN where the value was not finite. */
  metrics: Record<string, number>;
  complexity: number;
  diversity: number;
  island: number;
  score: number | null;
  changes: string | null;
  artifacts: Record<string, string>;
}

const format = recordFormat(
  'a program of a checkpoint',
  z.object({
    id: z.string().min(1),
    code: text,
    language: text,
    parentId: textOrNull,
    generation: countOr(0),
    timestamp: numberOr(0),
    iterationFound: countOr(0),
    metrics,
    complexity: numberOr(0),
    diversity: numberOr(0),
    island: countOr(0),
    score: z.number().nullable(),
    changes: textOrNull,
    artifacts: textMap,
  }),
);

/**
 * The object of `programs/<id>.json`, in OpenEvolve's layout: island, score and changes stand in its `metadata`, the
 * artifacts as JSON in its `artifacts_json`. @throws RunStateError `format`
 */
export function encodeStoredProgram(program: StoredProgram): Record<string, unknown> {
  const { island, score, changes, artifacts, ...fields } = format.encode(program);
  return {
    ...fields,
    metadata: { island, score, changes },
    prompts: null,
    artifacts_json: Object.keys(program.artifacts).length === 0 ? null : JSON.stringify(artifacts),
    artifact_dir: null,
    embedding: null,
  };
}

/**
 * Reads a program of a checkpoint, OpenEvolve's own as well: without `metadata.score` the score comes from the metrics by
 * `scoreOf`. Only `id` is required. @throws RunStateError `format`
 */
export function parseStoredProgram(
  value: unknown,
  { featureDimensions = [] }: { featureDimensions?: readonly string[] } = {},
): StoredProgram {
  if (!isObject(value)) return format.decode(value);
  const metadata = isObject(value.metadata) ? value.metadata : {};
  const measured = isObject(value.metrics) ? value.metrics : {};
  const program = format.decode({
    ...value,
    island: metadata.island,
    score: 'score' in metadata ? finiteOrNull(metadata.score) : scoreOf(measured, { featureDimensions }),
    changes: metadata.changes,
    artifacts: parseArtifacts(value.artifacts_json),
  });
  return program.language === '' ? { ...program, language: 'text' } : program;
}

function parseArtifacts(json: unknown): unknown {
  if (typeof json !== 'string') return json;
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

function finiteOrNull(value: unknown): number | null {
  return isFiniteNumber(value) ? value : null;
}
