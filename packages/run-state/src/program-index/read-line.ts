import { open } from 'node:fs/promises';
import { parseJson } from '@kai/progress/jsonl';

/** The JSON value at one place of a file. Rejects when the file is gone, shorter, or holds something else there. */
export async function readLine(path: string, offset: number, length: number): Promise<unknown> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, offset);
  return parseJson(buffer.toString('utf8', 0, bytesRead));
}
