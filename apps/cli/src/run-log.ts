import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EvolutionEvent } from '@kai/evolution';
import { formatScore } from './format.ts';
import { plainText } from './plain-text.ts';

/** logs/kai.log of a run: one line per event, with the time. A log that cannot be written never disturbs the run. */
export class RunLog {
  readonly #now: () => Date;
  #descriptor: number | null = null;

  constructor(path: string, { now = () => new Date() }: { now?: () => Date } = {}) {
    this.#now = now;
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.#descriptor = openSync(path, 'a');
    } catch {}
  }

  write(text: string): void {
    if (this.#descriptor === null) return;
    try {
      writeSync(this.#descriptor, `${this.#now().toISOString()} ${plainText(text)}\n`);
    } catch {}
  }

  close(): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}

/** An event as a line of the log. */
export function logLine(event: EvolutionEvent): string {
  switch (event.type) {
    case 'iteration': {
      const { iter, score, model, error, changes } = event.record;
      const outcome = error === null ? `score ${formatScore(score)}` : `failed (${error.kind}): ${error.message}`;
      const what = [model, changes].filter((part) => part !== null).join(': ');
      return `iteration ${iter}: ${outcome}${event.isNewBest ? ', new best' : ''}${what === '' ? '' : ` [${what}]`}`;
    }
    case 'checkpoint':
      return `checkpoint ${event.iteration}: ${event.path}`;
    case 'resumed':
      return `resumed from ${event.checkpoint === null ? 'the journal' : `checkpoint ${event.checkpoint}`}: ${event.completed} iterations done, ${event.replayed} of them from the journal`;
    case 'stopping':
      return `stopping: ${event.reason}`;
    case 'problem':
      return `problem: ${event.message}`;
  }
}
