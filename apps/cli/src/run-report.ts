import type { EvolutionEvent } from '@kai/evolution';
import { formatGain, formatScore } from './format.ts';
import { plainText } from './plain-text.ts';
import { type Progress, plainProgressLine, progressLine } from './progress-line.ts';
import { RateMeter, secondsLeft } from './rate.ts';
import type { Terminal } from './terminal.ts';
import { fitText, textWidth } from './text-width.ts';

export interface RunReportOptions {
  terminal: Terminal;
  maxIterations: number;
  /** Where a resumed run stands. */
  completed?: number;
  best?: number | null;
  /** Hears warnings where the output is no terminal: standard error. */
  warn: (line: string) => void;
  /** Unix seconds. */
  now: () => number;
}

// Without a terminal: a line at least this often, and at every tenth of the run.
const plainEverySeconds = 10;
const plainWidth = 160;

/** Says on the terminal what happens in a run: a line per improvement and warning, and how far it is. */
export class RunReport {
  readonly #terminal: Terminal;
  readonly #maxIterations: number;
  readonly #now: () => number;
  readonly #rate = new RateMeter();
  readonly #warn: (line: string) => void;
  readonly #warned = new Set<string>();
  /** Completed iterations when this session began. */
  #began: number;
  #completed: number;
  #best: number | null;
  #failed = 0;
  #tenth: number;
  #lastPlainAt: number;

  constructor({ terminal, maxIterations, completed = 0, best = null, warn, now }: RunReportOptions) {
    this.#terminal = terminal;
    this.#maxIterations = maxIterations;
    this.#began = completed;
    this.#completed = completed;
    this.#best = best;
    this.#warn = warn;
    this.#now = now;
    this.#tenth = this.#currentTenth();
    this.#lastPlainAt = now();
    this.#rate.add(now(), completed);
  }

  /** Failed iterations that were heard of. */
  get failed(): number {
    return this.#failed;
  }

  /** Each warning that was said, once. */
  get warnings(): readonly string[] {
    return [...this.#warned];
  }

  hear(event: EvolutionEvent): void {
    switch (event.type) {
      case 'iteration':
        this.#hearIteration(event);
        break;
      case 'resumed':
        this.#began = event.completed;
        this.#completed = event.completed;
        this.#tenth = this.#currentTenth();
        this.#rate.add(this.#now(), event.completed);
        break;
      case 'problem':
        this.warn(event.message);
        break;
    }
  }

  /** Says a warning, the first time it comes. */
  warn(message: string): void {
    const text = plainText(message);
    if (this.#warned.has(text)) return;
    this.#warned.add(text);
    // On a terminal both streams are the same window, and only what goes above the progress line leaves it whole.
    if (this.#terminal.live) this.#terminal.line(`${this.#terminal.paint('yellow', 'warning:')} ${text}`);
    else this.#warn(`warning: ${text}`);
  }

  /** Draws the progress anew; to be called ten times a second. */
  tick(): void {
    const at = this.#now();
    if (this.#terminal.live) {
      const { width, paint } = this.#terminal;
      this.#terminal.draw([progressLine(this.#progress(at), { width, paint })]);
      return;
    }
    const tenth = this.#currentTenth();
    if (tenth === this.#tenth && at - this.#lastPlainAt < plainEverySeconds) return;
    this.#tenth = tenth;
    this.#lastPlainAt = at;
    this.#terminal.line(plainProgressLine(this.#progress(at)));
  }

  #hearIteration({ record, best, isNewBest, completed }: Extract<EvolutionEvent, { type: 'iteration' }>): void {
    this.#completed = completed;
    if (record.score === null) this.#failed++;
    this.#rate.add(this.#now(), completed);
    if (isNewBest && record.score !== null) this.#sayImprovement(record.iter, record.score, record);
    this.#best = best;
  }

  #sayImprovement(
    iter: number,
    score: number,
    { model, changes }: { model: string | null; changes: string | null },
  ): void {
    const { paint, live, width } = this.#terminal;
    const digits = String(this.#maxIterations).length + 1;
    const number = `#${iter}`.padStart(digits);
    const scoreText = formatScore(score).padEnd(9);
    const gain = (this.#best === null ? '' : formatGain(this.#best, score)).padEnd(10);
    const what = iter === 0 ? 'initial program' : [model, changes].filter((part) => part !== null).join('  ');
    const room = (live ? width - 1 : plainWidth) - textWidth(`${number}  ${scoreText}  ${gain}  `);
    const line = `${number}  ${paint('bold', scoreText)}  ${paint('green', gain)}  ${paint('gray', fitText(plainText(what), room))}`;
    this.#terminal.line(line.trimEnd());
  }

  #progress(at: number): Progress {
    const perSecond = this.#rate.perSecond(at);
    const [completed, maxIterations] = [this.#completed, this.#maxIterations];
    const left = secondsLeft({ iteration: completed, maxIterations }, { perSecond, measured: completed - this.#began });
    return { completed, maxIterations, perSecond, secondsLeft: left, best: this.#best };
  }

  #currentTenth(): number {
    return Math.floor((this.#completed / this.#maxIterations) * 10);
  }
}
