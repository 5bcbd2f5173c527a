import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRunGoals } from './run-goals.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kai-goals-'));
});
afterEach(() => rm(dir, { recursive: true }));

const configure = (config: unknown) => writeFile(join(dir, 'config.json'), JSON.stringify({ config }));

test('target and reference scores come from the configuration', async () => {
  await configure({ target_score: 2.6, reference_scores: { 'best known': 2.636 } });
  expect(await readRunGoals(dir)).toEqual({ targetScore: 2.6, referenceScores: { 'best known': 2.636 } });
});

test('a run without a configuration, or without goals in it, has none', async () => {
  const none = { targetScore: null, referenceScores: {} };
  expect(await readRunGoals(dir)).toEqual(none);
  await configure({ target_score: null });
  expect(await readRunGoals(dir)).toEqual(none);
  await configure({ target_score: 'high', reference_scores: { a: 'b', c: null } });
  expect(await readRunGoals(dir)).toEqual(none);
});

test('a configuration that cannot be read is an error', async () => {
  await writeFile(join(dir, 'config.json'), '{"config": ');
  await expect(readRunGoals(dir)).rejects.toThrow('config.json');
});
