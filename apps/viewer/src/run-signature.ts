import { stat } from 'node:fs/promises';
import { join } from 'node:path';

const watchedNames = ['run.json', 'progress.jsonl', 'usage.jsonl', 'checkpoints', 'best'];

/** A text that differs whenever a file of the run that its state comes from does; four looks, nothing is read. */
export async function runSignature(dir: string): Promise<string> {
  const parts = await Promise.all(
    watchedNames.map((name) =>
      stat(join(dir, name)).then(
        ({ ino, size, mtimeMs }) => `${ino}/${size}/${mtimeMs}`,
        () => '-',
      ),
    ),
  );
  return parts.join(' ');
}
