import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const watchedNames = ['run.json', 'progress.jsonl', 'usage.jsonl', 'evolution_trace.jsonl', 'checkpoints', 'best'];

export interface RunSignature {
  /** Differs whenever a file of the run that its state comes from does. */
  text: string;
  /** When the last of them changed, in milliseconds since 1970; 0 when there is none. */
  changedAt: number;
}

/** A look at each of the run's files; nothing is read. */
export async function runSignature(dir: string): Promise<RunSignature> {
  const names = [...watchedNames, ...(await newestLogs(join(dir, 'logs')))];
  const found = await Promise.all(names.map((name) => stat(join(dir, name)).catch(() => null)));
  return {
    text: found.map((file) => (file === null ? '-' : `${file.ino}/${file.size}/${file.mtimeMs}`)).join(' '),
    changedAt: Math.max(0, ...found.map((file) => file?.mtimeMs ?? 0)),
  };
}

/** OpenEvolve's logs, of which each start makes one: the folder, which shows a new one, and those that may still grow. */
async function newestLogs(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^openevolve_.*\.log$/.test(name));
  // The names end in the time of the start.
  return [
    'logs',
    ...names
      .sort()
      .slice(-2)
      .map((name) => join('logs', name)),
  ];
}
