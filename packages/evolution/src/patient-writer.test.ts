import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PatientWriter } from './patient-writer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kai-patient-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('lines that could not be written are written, in order, as soon as that works again', () => {
  const path = join(folder, 'lines.jsonl');
  const problems: Error[] = [];
  const writer = new PatientWriter(path, (error) => problems.push(error));
  mkdirSync(path);
  writer.append({ n: 1 });
  writer.append({ n: 2 });
  expect(writer.pending).toBe(2);
  expect(problems).toHaveLength(1);
  rmdirSync(path);
  writer.append({ n: 3 });
  expect(writer.pending).toBe(0);
  writer.close();
  expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
});
