import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseRunConfig, type RunConfig, readRunConfig, writeRunConfig } from './run-config.ts';

const config: RunConfig = {
  command: ['kai', 'run', 'circles'],
  task: {
    dir: '/home/me/circles',
    initialProgram: '/home/me/circles/initial_program.js',
    evaluator: '/home/me/circles/evaluator.js',
    files: [{ path: 'evaluator.js', sha256: 'ab12' }],
  },
  config: { max_iterations: 100, target_score: null, database: { feature_dimensions: ['complexity'] } },
};

const makeFolder = () => mkdtemp(join(tmpdir(), 'kai-run-config-'));

test('config.json is read as it was written', async () => {
  const dir = await makeFolder();
  await writeRunConfig(dir, config);
  expect(await readRunConfig(dir)).toEqual(config);
});

test('config.json is snake_case, except for the keys of the configuration itself', async () => {
  const dir = await makeFolder();
  await writeRunConfig(dir, { ...config, config: { someKey: 1 } });
  const stored = JSON.parse(await readFile(join(dir, 'config.json'), 'utf8'));
  expect(stored.task.initial_program).toBe('/home/me/circles/initial_program.js');
  expect(stored.config).toEqual({ someKey: 1 });
});

test('a run directory without config.json has no run config', async () => {
  expect(await readRunConfig(await makeFolder())).toBeNull();
});

test('missing and foreign fields of config.json are no error', () => {
  expect(parseRunConfig({ task: { dir: '/a', files: [{ path: 'x' }, 7] }, more: 1 })).toEqual({
    command: [],
    task: { dir: '/a', initialProgram: '', evaluator: '', files: [] },
    config: null,
  });
});

test('a config.json that is not JSON is an error that names the file', async () => {
  const dir = await makeFolder();
  await writeFile(join(dir, 'config.json'), '{"task":');
  await expect(readRunConfig(dir)).rejects.toMatchObject({ code: 'format', path: join(dir, 'config.json') });
});
