import { isFiniteNumber, isObject } from '../fields.ts';
import { parseStoredProgram, type StoredProgram } from '../stored-program.ts';

/** A prompt and the replies to it, as OpenEvolve keeps them with `log_prompts`. */
export interface OpenEvolvePrompt {
  system: string;
  user: string;
  replies: string[];
}

/** `programs/<id>.json` of a checkpoint, with what OpenEvolve says beyond the fields that kai writes. */
export interface ProgramFile {
  program: StoredProgram;
  /** Null in the oldest versions, which did not keep it. */
  iterationFound: number | null;
  island: number | null;
  /** Whether it says itself that migration copied it. */
  isMigrant: boolean;
  /** As they stand in the file: texts, booleans and NaN too. */
  metrics: Record<string, unknown>;
  /** The score that kai wrote; undefined where the metrics decide. */
  score: number | null | undefined;
  model: string | null;
  prompts: OpenEvolvePrompt[];
}

/** @throws RunStateError `format` */
export function parseProgramFile(value: unknown): ProgramFile {
  const program = parseStoredProgram(value);
  const fields = value as Record<string, unknown>;
  const metadata = isObject(fields.metadata) ? fields.metadata : {};
  const { island, migrant, llm } = metadata;
  return {
    program,
    iterationFound: isFiniteNumber(fields.iteration_found) ? program.iterationFound : null,
    island: isFiniteNumber(island) ? program.island : null,
    // kai and older versions of OpenEvolve mark the id.
    isMigrant: migrant === true || /~|_migrant_/.test(program.id),
    metrics: isObject(fields.metrics) ? fields.metrics : {},
    score: 'score' in metadata ? program.score : undefined,
    model: isObject(llm) && typeof llm.model === 'string' ? llm.model : null,
    prompts: isObject(fields.prompts) ? Object.values(fields.prompts).flatMap(promptOf) : [],
  };
}

function promptOf(value: unknown): OpenEvolvePrompt[] {
  if (!isObject(value)) return [];
  const { system, user, responses } = value;
  const replies = Array.isArray(responses) ? responses.filter((reply) => typeof reply === 'string') : [];
  return [{ system: typeof system === 'string' ? system : '', user: typeof user === 'string' ? user : '', replies }];
}
