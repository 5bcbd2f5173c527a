import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type EvaluatorConfig, evaluatorConfigSchema } from '@kai/evaluator';
import { type EvolutionConfig, evolutionConfigSchema, type Json } from '@kai/evolution';
import { llmConfigSchema } from '@kai/models';
import { z } from 'zod';
import { usageError } from './cli-error.ts';
import { type ConfigText, parseConfigText } from './config-text.ts';
import { shownPath } from './context.ts';
import { nearest } from './nearest.ts';

/** The whole of kai.yaml: each package describes its section, and the controller's keys stand at the top. */
const fileSchema = z.strictObject({
  ...evolutionConfigSchema.shape,
  llm: llmConfigSchema.prefault({}),
  // The keys as they are in the file; `sectionsOf` turns them into options of the evaluator.
  evaluator: evaluatorConfigSchema.in,
});

/** A checked configuration, with its defaults filled in and the keys of the file: what config.json stores. */
export type KaiConfig = z.output<typeof fileSchema>;

/** What a flag can say that a file can say too; undefined: the flag was not given. */
export interface ConfigOverrides {
  max_iterations?: number;
  target_score?: number;
  random_seed?: number;
}

export interface LoadConfigOptions {
  /** The task's folder, where kai.yaml (or config.yaml) is looked for when `path` is not given. */
  taskDir: string;
  path?: string;
  /** Unknown keys are an error in any file. In kai.yaml they always are. */
  strict?: boolean;
  overrides?: ConfigOverrides;
  /** What messages show paths from. */
  cwd?: string;
}

/** Where a configuration is looked for, in this order. */
export const configFileNames: readonly string[] = ['kai.yaml', 'kai.yml', 'config.yaml', 'config.yml'];
const ownFile = /^kai\.ya?ml$/;

/**
 * Reads and checks the configuration of a run. `path` is null when there is no file: then all is default.
 *
 * @throws CliError `usage` for a file that is missing, is not YAML, or holds unknown keys or wrong values; it names
 * file, line, what was found and the nearest known key
 */
export async function loadConfig({
  taskDir,
  path,
  strict = false,
  overrides = {},
  cwd = process.cwd(),
}: LoadConfigOptions): Promise<{ config: KaiConfig; path: string | null; warnings: string[] }> {
  const file =
    path ?? configFileNames.map((name) => join(taskDir, name)).find((candidate) => existsSync(candidate)) ?? null;
  if (file === null) return { config: withOverrides(fileSchema.parse({}), overrides), path: null, warnings: [] };
  const name = shownPath(file, cwd);
  const { config, unknown } = parseConfig(await readConfigFile(file, name), {
    name,
    strict: strict || ownFile.test(basename(file)),
  });
  const warnings =
    unknown.length === 0
      ? []
      : [
          `${name} holds ${unknown.length === 1 ? 'a key that this version ignores' : `${unknown.length} keys that this version ignores`}: ${unknown.join(', ')}. (--strict makes this an error.)`,
        ];
  return { config: withOverrides(config, overrides), path: file, warnings };
}

/** Checks a configuration that kai stored itself, in config.json. @throws CliError `usage` */
export function checkStoredConfig(value: Json, { name }: { name: string }): KaiConfig {
  const result = fileSchema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`);
  throw usageError(`The configuration in ${name} does not fit this version of kai.`, { details });
}

/** `config` with the flags' values in place of the file's. */
export function withOverrides(config: KaiConfig, overrides: ConfigOverrides): KaiConfig {
  const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
  return { ...config, ...Object.fromEntries(given) };
}

/** The configuration as each package takes it. */
export function sectionsOf({ llm: _llm, evaluator, ...evolution }: KaiConfig): {
  evolution: EvolutionConfig;
  evaluator: EvaluatorConfig;
} {
  return { evolution, evaluator: evaluatorConfigSchema.parse(evaluator) };
}

/**
 * Checks the text of a configuration file.
 *
 * @returns with `strict` false, also the unknown keys, dotted, which were left out
 * @throws CliError `usage` with one detail per error: `name:line: what`
 */
export function parseConfig(
  content: string,
  { name, strict }: { name: string; strict: boolean },
): { config: KaiConfig; unknown: string[] } {
  const text = parseConfigText(content, { name });
  dropEmptyKeys(text.value);
  const unknown: string[] = [];
  for (;;) {
    const result = fileSchema.safeParse(text.value);
    if (result.success) return { config: result.data, unknown };
    const strangers = result.error.issues.filter((issue) => issue.code === 'unrecognized_keys');
    if (strict || strangers.length === 0) throw configError(text, result.error.issues, name);
    for (const { path, keys } of strangers) {
      for (const key of keys) {
        unknown.push([...path, key].join('.'));
        delete (valueAt(text.value, path) as Record<string, unknown>)[key];
      }
    }
  }
}

async function readConfigFile(file: string, name: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw usageError(`Could not read the configuration ${name}: ${why}.`, { cause });
  }
}

/** A key without a value, such as a section whose every line is commented out, is null in YAML and means the default. */
function dropEmptyKeys(value: Record<string, unknown>): void {
  for (const key of Object.keys(fileSchema.shape)) {
    if (value[key] === null) delete value[key];
  }
}

function configError(text: ConfigText, issues: readonly z.core.$ZodIssue[], name: string) {
  const located = issues.flatMap((issue) => describeIssue(issue, text)).sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const details = located.map(({ line, what }) => `${name}${line === null ? '' : `:${line}`}: ${what}`);
  const count = details.length === 1 ? 'An error' : `${details.length} errors`;
  return usageError(`${count} in the configuration:`, { details });
}

function describeIssue(issue: z.core.$ZodIssue, text: ConfigText): { line: number | null; what: string }[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ line: text.lineOfKey(path, key), what: unknownKey(path, key) }));
  }
  const found = text.describe(path);
  const expected = expectation(issue.message);
  return [
    { line: text.lineOf(path), what: `${path.join('.')}: ${expected}${found === null ? '' : `, found ${found}`}` },
  ];
}

/** zod's message as words: `expected number more than 0`. What was received is said from the file itself. */
function expectation(message: string): string {
  return message
    .replace(/^(?:Invalid (?:input|option)|Too (?:small|big)): /, '')
    .replace(/, received .*$/, '')
    .replace(/expected int\b/, 'expected a whole number')
    .replace(/expected (?:record|object)$/, 'expected keys and values')
    .replace(/ to be >=/, ' from ')
    .replace(/ to be >/, ' more than ')
    .replace(/ to be <=/, ' up to ')
    .replace(/ to be </, ' less than ')
    .replaceAll('"|"', '" or "');
}

function unknownKey(path: readonly (string | number)[], key: string): string {
  const section = objectAt(path);
  const known = section === null ? [] : Object.keys(section.shape);
  const meant = nearest(key, known);
  const dotted = [...path, key].join('.');
  if (meant !== null) return `unknown key "${dotted}". Did you mean "${[...path, meant].join('.')}"?`;
  const elsewhere = path.length === 0 ? sectionWith(key) : null;
  if (elsewhere !== null) return `unknown key "${dotted}". It belongs in the section "${elsewhere}".`;
  if (known.length === 0)
    return `unknown key "${dotted}". The section "${path.join('.')}" takes no keys in this version.`;
  return `unknown key "${dotted}". Known here: ${known.join(', ')}.`;
}

function sectionWith(key: string): string | null {
  return Object.keys(fileSchema.shape).find((name) => key in (objectAt([name])?.shape ?? {})) ?? null;
}

/** The object schema that describes the section at `path`; null when that is none. */
function objectAt(path: readonly (string | number)[]): z.ZodObject | null {
  let schema: z.ZodType = fileSchema;
  for (const part of path) {
    if (!(schema instanceof z.ZodObject)) return null;
    const field = schema.shape[String(part)] as z.ZodType | undefined;
    if (field === undefined) return null;
    schema = unwrap(field);
  }
  return schema instanceof z.ZodObject ? schema : null;
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
  ) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema instanceof z.ZodPipe ? unwrap(schema.in as z.ZodType) : schema;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((inner, part) => (inner as Record<PropertyKey, unknown>)[part], value);
}
