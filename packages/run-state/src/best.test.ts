import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBestProgram, writeBest } from './best.ts';
import { parseStoredProgram } from './stored-program.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kai-best-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const program = parseStoredProgram({
  id: 'p7',
  code: 'export const x = 7;\n',
  language: 'javascript',
  iteration_found: 7,
  timestamp: 1500,
  metrics: { size: 3 },
  metadata: { score: 0.25 },
});

test('what writeBest wrote is what readBestProgram reads', async () => {
  await writeBest(dir, { program, extension: '.js', now: () => 2000 });
  expect(await readBestProgram(dir)).toEqual({
    id: 'p7',
    code: 'export const x = 7;\n',
    metrics: { size: 3 },
    score: 0.25,
    iteration: 7,
    path: join(dir, 'best', 'best_program.js'),
  });
  expect(readdirSync(join(dir, 'best'))).toEqual(['best_program.js', 'best_program_info.json']);
});

test('best_program_info.json has OpenEvolve’s keys and the score', async () => {
  await writeBest(dir, { program, extension: '.js', now: () => 2000 });
  expect(JSON.parse(readFileSync(join(dir, 'best/best_program_info.json'), 'utf8'))).toEqual({
    id: 'p7',
    generation: 0,
    iteration: 7,
    timestamp: 1500,
    parent_id: null,
    metrics: { size: 3 },
    language: 'javascript',
    saved_at: 2000,
    score: 0.25,
  });
});

test('a new best replaces the old one', async () => {
  await writeBest(dir, { program, extension: '.js' });
  await writeBest(dir, { program: { ...program, id: 'p9', code: '// 9\n' }, extension: '.js' });
  expect(await readBestProgram(dir)).toMatchObject({ id: 'p9', code: '// 9\n' });
});

test('no best program, or one that cannot be read, is null', async () => {
  expect(await readBestProgram(dir)).toBeNull();
  await writeBest(dir, { program, extension: '.js' });
  writeFileSync(join(dir, 'best/best_program_info.json'), '{"id": "p7", ');
  expect(await readBestProgram(dir)).toBeNull();
});

test('an OpenEvolve best program gets its score from its metrics', async () => {
  await writeBest(dir, { program, extension: '.py' });
  writeFileSync(join(dir, 'best/best_program_info.json'), '{"id": "p", "metrics": {"combined_score": 2, "x": NaN}}');
  expect(await readBestProgram(dir)).toMatchObject({
    id: 'p',
    score: 2,
    metrics: { combined_score: 2, x: Number.NaN },
  });
});
