import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '@kai/progress/jsonl';
import { reasonOf } from '../errors.ts';
import type { ProgramRecord } from '../programs.ts';
import { readJson } from '../read-json.ts';
import type { RunProblem } from '../run-state.ts';
import type { Measurement } from './measurements.ts';
import { OpenEvolveReader } from './openevolve-reader.ts';
import { splitMetrics } from './outcome.ts';
import { type OpenEvolvePrompt, type ProgramFile, parseProgramFile } from './program-file.ts';
import { runFolderOf } from './run-folder.ts';
import { parseTraceRecord, type TraceRecord } from './trace-format.ts';
import { traceName } from './trace-reader.ts';

/**
 * A program of an OpenEvolve run, as a record of kai's journal and what OpenEvolve has beyond it.
 *
 * What it does not keep is null: inspirations (an empty list), cost, worker, and proposal and evaluation apart.
 */
export interface OpenEvolveProgram extends ProgramRecord {
  language: string | null;
  /** The program that migration copied this one from; null for a program that was measured. */
  copyOf: string | null;
  /** Metrics that are not numbers, as their text. */
  textMetrics: Record<string, string>;
  prompts: OpenEvolvePrompt[];
  /** Of proposal and evaluation together. */
  seconds: number | null;
  /** The best of the sources that name it; the log's metrics have four decimals and it has no code. */
  source: 'checkpoint' | 'trace' | 'log';
}

export interface ReadOpenEvolveOptions {
  onProblem?: ((problem: RunProblem) => void) | undefined;
  /** Ends the reading, without an error. */
  signal?: AbortSignal | undefined;
  /** Unix seconds. */
  now?: () => number;
}

/**
 * Every program of the OpenEvolve run in `dir` (its output folder, the parent of that, or one `checkpoint_<N>`), by iteration:
 * the union of all checkpoints, the trace and the logs, copies by migration included.
 *
 * An iteration that failed before it had a program comes as `iteration-<N>`, without code and with its error. A parent may be
 * gone: no source tells of it any more. One program's code is in memory at a time. What cannot be read is left out, and
 * `onProblem` hears which and why; where there is no such run there are no programs.
 */
export async function* readOpenEvolvePrograms(
  dir: string,
  { onProblem, signal, now = () => Date.now() / 1000 }: ReadOpenEvolveOptions = {},
): AsyncGenerator<OpenEvolveProgram, void, undefined> {
  const folder = await runFolderOf(dir);
  const reader = new OpenEvolveReader(folder);
  try {
    await reader.read({ direction: 'maximize', now: now(), signal });
    for (const problem of reader.problems) onProblem?.(problem);
    const failures = new Map<number, number>();
    for (const measurement of reader.measurements()) {
      if (signal?.aborted) return;
      yield await readProgram(folder, measurement, {
        onProblem,
        id: measurement.id ?? failureId(measurement, failures),
      });
    }
  } finally {
    reader.close();
  }
}

/** `iteration-7`, and `iteration-7-2` where a restart met the same number again. */
export function failureId({ iter }: Measurement, failures: Map<number, number>): string {
  const nth = (failures.get(iter) ?? 0) + 1;
  failures.set(iter, nth);
  return nth === 1 ? `iteration-${iter}` : `iteration-${iter}-${nth}`;
}

export async function readProgram(
  folder: string,
  measurement: Measurement,
  { id, onProblem }: { id: string; onProblem: ReadOpenEvolveOptions['onProblem'] },
): Promise<OpenEvolveProgram> {
  const { iter, ts, score, error, copyOf, checkpoint, trace, log } = measurement;
  const file = checkpoint && (await readFileOf(folder, checkpoint, onProblem));
  const line = trace && (await readLineOf(folder, trace, onProblem));
  const told = checkpoint ?? trace ?? log;
  const { numbers, texts } = splitMetrics(told?.metrics ?? {});
  const stored = file?.program;
  return {
    iter,
    id,
    parentId: told?.parentId ?? null,
    inspirationIds: [],
    island: checkpoint?.island ?? trace?.island ?? log?.island ?? null,
    generation: stored?.generation ?? line?.generation ?? 0,
    model: file?.model ?? modelOf(line),
    code: codeOf(stored?.code) ?? line?.childCode ?? null,
    changes: stored?.changes ?? textOf(line?.metadata.changes),
    metrics: numbers,
    score,
    error,
    artifacts: { ...line?.artifacts, ...stored?.artifacts },
    proposeSeconds: null,
    queueSeconds: null,
    evaluateSeconds: null,
    worker: null,
    costUsd: null,
    ts,
    language: stored?.language ?? null,
    copyOf,
    textMetrics: texts,
    prompts: file?.prompts.length ? file.prompts : promptsOf(line),
    seconds: log?.seconds ?? numberOf(line?.metadata.iteration_time),
    source: checkpoint !== null ? 'checkpoint' : trace !== null ? 'trace' : 'log',
  };
}

async function readFileOf(
  folder: string,
  { file }: { file: string },
  onProblem: ReadOpenEvolveOptions['onProblem'],
): Promise<ProgramFile | null> {
  try {
    return parseProgramFile(await readJson(join(folder, file)));
  } catch (error) {
    onProblem?.({ file, line: null, reason: reasonOf(error) });
    return null;
  }
}

async function readLineOf(
  folder: string,
  { byteOffset, byteLength }: { byteOffset: number; byteLength: number },
  onProblem: ReadOpenEvolveOptions['onProblem'],
): Promise<TraceRecord | null> {
  try {
    await using file = await open(join(folder, traceName));
    const { buffer, bytesRead } = await file.read(Buffer.alloc(byteLength), 0, byteLength, byteOffset);
    return parseTraceRecord(parseJson(buffer.toString('utf8', 0, bytesRead)));
  } catch (error) {
    onProblem?.({ file: traceName, line: null, reason: reasonOf(error) });
    return null;
  }
}

function promptsOf(line: TraceRecord | null): OpenEvolvePrompt[] {
  if (line === null || (line.prompt === null && line.llmResponse === null)) return [];
  const { system = '', user = '' } = line.prompt ?? {};
  return [{ system, user, replies: line.llmResponse === null ? [] : [line.llmResponse] }];
}

function modelOf(line: TraceRecord | null): string | null {
  const llm = line?.metadata.llm;
  return typeof llm === 'object' && llm !== null && 'model' in llm ? textOf(llm.model) : null;
}

/** A best_program_info.json has no code. */
function codeOf(code: string | undefined): string | null {
  return code === undefined || code === '' ? null : code;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
