import { expect, test } from 'vitest';
import { z } from 'zod';
import { evaluatorConfigSchema } from './config-schema.ts';

test('a configuration without an evaluator section gives the defaults', () => {
  expect(evaluatorConfigSchema.parse(undefined)).toEqual({
    timeoutMs: 300_000,
    concurrency: 1,
    maxOutputBytes: 65_536,
  });
});

test('timeout is in seconds and may be a fraction', () => {
  const section = { timeout: 2.5, parallel_evaluations: 4, max_output_bytes: 1000 };

  expect(evaluatorConfigSchema.parse(section)).toEqual({ timeoutMs: 2500, concurrency: 4, maxOutputBytes: 1000 });
});

test('an unknown key is named', () => {
  const { error } = evaluatorConfigSchema.safeParse({ timeuot: 3 });

  expect(error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: ['timeuot'] }]);
});

test('a timeout that setTimeout cannot hold is refused', () => {
  expect(evaluatorConfigSchema.safeParse({ timeout: 3_000_000 }).success).toBe(false);
  expect(evaluatorConfigSchema.safeParse({ timeout: 0 }).success).toBe(false);
});

test('a JSON Schema can be made of what is written', () => {
  const schema = z.toJSONSchema(evaluatorConfigSchema, { io: 'input' });

  expect(Object.keys(schema.properties ?? {})).toEqual(['timeout', 'parallel_evaluations', 'max_output_bytes']);
});
