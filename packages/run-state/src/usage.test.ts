import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonlWriter } from '@kai/progress/jsonl';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeUsageRecord, parseUsageRecord, readUsageTotals, type UsageRecord } from './usage.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kai-usage-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const call: UsageRecord = {
  ts: 1795380000.5,
  iter: 4,
  model: 'gpt-5-mini',
  inputTokens: 1200,
  outputTokens: 300,
  costUsd: 0.25,
  latencyMs: 812.5,
  ok: true,
  error: null,
};
const unpriced: UsageRecord = { ...call, costUsd: null, inputTokens: null, ok: false, error: '429: slow down' };

test('a usage record survives its line', () => {
  expect(parseUsageRecord(JSON.parse(JSON.stringify(encodeUsageRecord(call))))).toEqual(call);
  expect(parseUsageRecord(encodeUsageRecord(unpriced))).toEqual(unpriced);
  expect(Object.keys(encodeUsageRecord(call)).join(' ')).toBe(
    'ts iter model input_tokens output_tokens cost_usd latency_ms ok error',
  );
});

test('the totals count every call, and add up only what is priced', async () => {
  const writer = new JsonlWriter(join(dir, 'usage.jsonl'));
  for (const record of [call, unpriced, call]) writer.append(encodeUsageRecord(record));
  writer.close();
  expect(await readUsageTotals(dir)).toEqual({
    calls: 3,
    failedCalls: 1,
    inputTokens: 2400,
    outputTokens: 900,
    costUsd: 0.5,
    unpricedCalls: 1,
    models: [
      {
        model: 'gpt-5-mini',
        calls: 3,
        failedCalls: 1,
        inputTokens: 2400,
        outputTokens: 900,
        costUsd: 0.5,
        unpricedCalls: 1,
      },
    ],
  });
});

test('the cost is unknown, not 0, when nothing is priced', async () => {
  expect((await readUsageTotals(dir)).costUsd).toBeNull();
  writeFileSync(join(dir, 'usage.jsonl'), '{"model":"local"}\n');
  expect(await readUsageTotals(dir)).toMatchObject({ calls: 1, costUsd: null, unpricedCalls: 1 });
});

test('the totals stand per model too, in the order of their first calls', async () => {
  const writer = new JsonlWriter(join(dir, 'usage.jsonl'));
  const local = { ...unpriced, model: 'local', ok: true };
  for (const record of [call, local, { ...call, model: null }, local]) writer.append(encodeUsageRecord(record));
  writer.close();
  const { models } = await readUsageTotals(dir);
  expect(models.map(({ model, calls, costUsd, unpricedCalls }) => [model, calls, costUsd, unpricedCalls])).toEqual([
    ['gpt-5-mini', 1, 0.25, 0],
    ['local', 2, null, 2],
    [null, 1, 0.25, 0],
  ]);
});

test('a file that names a new model in every line costs no more than a hundred of them', async () => {
  const lines = Array.from({ length: 150 }, (_, nth) => `{"model":"m${nth}","input_tokens":2}\n`);
  writeFileSync(join(dir, 'usage.jsonl'), lines.join(''));
  const { calls, inputTokens, models } = await readUsageTotals(dir);
  expect([calls, inputTokens, models.length]).toEqual([150, 300, 100]);
});
