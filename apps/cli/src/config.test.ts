import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CliError } from './cli-error.ts';
import { checkStoredConfig, loadConfig, parseConfig, sectionsOf } from './config.ts';

function errorsOf(content: string): readonly string[] {
  try {
    parseConfig(content, { name: 'kai.yaml', strict: true });
  } catch (error) {
    expect(error).toMatchObject({ name: 'CliError', code: 'usage' });
    return (error as CliError).details;
  }
  return [];
}

async function folderWith(files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'kai-config-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
  return dir;
}

test('an unknown key is named with its line and the nearest known key', () => {
  expect(errorsOf('max_iterations: 10\nmax_iteration: 5\n')).toEqual([
    'kai.yaml:2: unknown key "max_iteration". Did you mean "max_iterations"?',
  ]);
  expect(errorsOf('# islands\ndatabase:\n  archive_size: 10\n  num_island: 4\n')).toEqual([
    'kai.yaml:4: unknown key "database.num_island". Did you mean "database.num_islands"?',
  ]);
});

test('a key in the wrong place is told where it belongs', () => {
  expect(errorsOf('timeout: 5\n')).toEqual([
    'kai.yaml:1: unknown key "timeout". It belongs in the section "evaluator".',
  ]);
});

test('a wrong value is named with its line, what was expected and what was found', () => {
  expect(errorsOf('checkpoint_interval: five\ndirection: up\nevaluator:\n  timeout: 0\nprompt: 3\n')).toEqual([
    'kai.yaml:1: checkpoint_interval: expected number, found "five"',
    'kai.yaml:2: direction: expected one of "maximize" or "minimize", found "up"',
    'kai.yaml:4: evaluator.timeout: expected number more than 0, found 0',
    'kai.yaml:5: prompt: expected keys and values, found 3',
  ]);
});

test('a key that comes twice, broken YAML and a list at the top are errors with their line', () => {
  expect(errorsOf('max_iterations: 1\nmax_iterations: 2\n')).toEqual(['kai.yaml:2: Map keys must be unique']);
  expect(errorsOf('a: [1\nb: 2')[0]).toMatch(/^kai\.yaml:2: Flow sequence/);
  expect(errorsOf('- a\n')[0]).toMatch(/^kai\.yaml:1: expected keys and values .* found \["a"\]$/);
});

test('two documents, a reference to nothing and a fraction are told in words of YAML, with their line', () => {
  expect(errorsOf('max_iterations: 1\n---\nmax_iterations: 2\n')).toEqual([
    'kai.yaml:2: a line "---" begins a second document here, and a configuration is one. Take the line out, or one of the two.',
  ]);
  expect(errorsOf('max_iterations: 1\nlanguage: *js\n')).toEqual([
    'kai.yaml:2: *js stands for what is marked &js before it, and nothing is. Put a text that begins with * in quotes.',
  ]);
  expect(errorsOf('max_iterations: 1.5\n')).toEqual(['kai.yaml:1: max_iterations: expected a whole number, found 1.5']);
});

test('an empty file and sections whose lines are all comments mean the defaults', () => {
  const { config } = parseConfig('database:\n  # num_islands: 3\nevaluator:\n', { name: 'kai.yaml', strict: true });
  expect(config.database.num_islands).toBe(5);
  expect(config.evaluator.timeout).toBe(300);
  expect(parseConfig('', { name: 'kai.yaml', strict: true }).config.max_iterations).toBe(10_000);
});

test('unknown keys of a foreign file are left out and named in one warning', async () => {
  const dir = await folderWith({ 'config.yaml': 'max_iterations: 7\nlog_level: INFO\nllm:\n  primary_model: m\n' });
  const { config, warnings } = await loadConfig({ taskDir: dir, cwd: dir });
  expect(config.max_iterations).toBe(7);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('config.yaml holds 2 keys that this version ignores: ');
  expect(warnings[0]).toContain('log_level');
  expect(warnings[0]).toContain('llm.primary_model');
});

test('with --strict unknown keys of a foreign file are an error', async () => {
  const dir = await folderWith({ 'config.yaml': 'log_level: INFO\n' });
  await expect(loadConfig({ taskDir: dir, strict: true })).rejects.toMatchObject({ code: 'usage' });
});

test('kai.yaml goes before config.yaml, and a named file before both', async () => {
  const dir = await folderWith({
    'kai.yaml': 'max_iterations: 1\n',
    'config.yaml': 'max_iterations: 2\n',
    'other.yaml': 'max_iterations: 3\n',
  });
  expect((await loadConfig({ taskDir: dir })).config.max_iterations).toBe(1);
  expect((await loadConfig({ taskDir: dir, path: join(dir, 'other.yaml') })).config.max_iterations).toBe(3);
});

test('flags go before the file, and a flag that was not given changes nothing', async () => {
  const dir = await folderWith({ 'kai.yaml': 'max_iterations: 1\nrandom_seed: 5\n' });
  const { config } = await loadConfig({ taskDir: dir, overrides: { max_iterations: 9, random_seed: undefined } });
  expect(config).toMatchObject({ max_iterations: 9, random_seed: 5 });
});

test('a named file that is missing is a usage error', async () => {
  await expect(loadConfig({ taskDir: '/', path: 'nope.yaml' })).rejects.toThrow(
    'Could not read the configuration nope.yaml: there is no such file.',
  );
});

test('a configuration survives config.json, and gives each package its section', () => {
  const { config } = parseConfig('evaluator:\n  timeout: 5\n  parallel_evaluations: 2\n', { name: 'k', strict: true });
  const stored = checkStoredConfig(JSON.parse(JSON.stringify(config)), { name: 'config.json' });
  expect(stored).toEqual(config);
  expect(sectionsOf(stored).evaluator).toMatchObject({ timeoutMs: 5000, concurrency: 2 });
  expect(sectionsOf(stored).evolution).not.toHaveProperty('evaluator');
});
