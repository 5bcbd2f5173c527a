import { readFile } from 'node:fs/promises';
import { parseJson } from '@kai/progress/jsonl';

/** Reads a file of one JSON value as other writers leave it: a byte order mark and Python's NaN are no errors. */
export async function readJson(path: string): Promise<unknown> {
  const content = await readFile(path, 'utf8');
  return parseJson(content.startsWith('\uFEFF') ? content.slice(1) : content);
}
