import { join } from 'node:path';

/** Every path of a run directory, by what it holds. docs/run-directory.md describes each. */
export interface RunPaths {
  manifest: string;
  config: string;
  task: string;
  feed: string;
  journal: string;
  prompts: string;
  usage: string;
  checkpoints: string;
  best: string;
  log: string;
  stop: string;
  steering: string;
}

/** Names the files and folders of the run directory `dir`; touches nothing. */
export function runPaths(dir: string): RunPaths {
  return {
    manifest: join(dir, 'run.json'),
    config: join(dir, 'config.json'),
    task: join(dir, 'task'),
    feed: join(dir, 'progress.jsonl'),
    journal: join(dir, 'programs.jsonl'),
    prompts: join(dir, 'prompts.jsonl'),
    usage: join(dir, 'usage.jsonl'),
    checkpoints: join(dir, 'checkpoints'),
    best: join(dir, 'best'),
    log: join(dir, 'logs', 'kai.log'),
    stop: join(dir, 'stop'),
    steering: join(dir, 'steering.md'),
  };
}
