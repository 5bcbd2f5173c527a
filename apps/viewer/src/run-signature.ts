import { stat } from 'node:fs/promises';
import { join } from 'node:path';

const watchedNames = ['run.json', 'progress.jsonl', 'usage.jsonl', 'checkpoints', 'best'];

export interface RunSignature {
  /** Differs whenever a file of the run that its state comes from does. */
  text: string;
  /** When the last of them changed, in milliseconds since 1970; 0 when there is none. */
  changedAt: number;
}

/** Five looks at the run's files; nothing is read. */
export async function runSignature(dir: string): Promise<RunSignature> {
  const found = await Promise.all(watchedNames.map((name) => stat(join(dir, name)).catch(() => null)));
  return {
    text: found.map((file) => (file === null ? '-' : `${file.ino}/${file.size}/${file.mtimeMs}`)).join(' '),
    changedAt: Math.max(0, ...found.map((file) => file?.mtimeMs ?? 0)),
  };
}
