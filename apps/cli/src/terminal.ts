import { styleText } from 'node:util';
import { textWidth } from './text-width.ts';

export type Style = Parameters<typeof styleText>[0];

/** The part of a stream that is written to. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/**
 * Standard output: lines that stay and, on a terminal, an area of lines at the bottom that is redrawn in place.
 *
 * When whoever reads has gone (`kai run … | head`, a closed window), `closed` aborts and writing does nothing.
 */
export class Terminal {
  /** Whether lines can be redrawn. */
  readonly live: boolean;
  readonly closed: AbortSignal;
  readonly #stream: OutputStream;
  readonly #colors: boolean;
  #area: readonly string[] = [];
  #cursorHidden = false;

  constructor(stream: OutputStream, { env = process.env }: { env?: NodeJS.ProcessEnv } = {}) {
    const isTerminal = stream.isTTY === true;
    this.#stream = stream;
    this.live = isTerminal && env.TERM !== 'dumb';
    this.#colors = this.live && !env.NO_COLOR;
    const gone = new AbortController();
    this.closed = gone.signal;
    // EPIPE from a pipe, EIO from a terminal that was closed: neither is a reason to end a run.
    stream.on('error', () => gone.abort());
  }

  /** Columns; 80 where nothing is known. */
  get width(): number {
    return this.#stream.columns || 80;
  }

  get height(): number {
    return this.#stream.rows || 24;
  }

  /** `text` in a style, or as it is where colours are not wanted. */
  paint = (style: Style, text: string): string =>
    this.#colors ? styleText(style, text, { validateStream: false }) : text;

  /** Writes lines that stay, above the area. */
  line(...lines: readonly string[]): void {
    this.#write(`${this.#erase()}${lines.map((line) => `${line}\n`).join('')}${this.#area.join('\n')}`);
  }

  /** Draws the area anew; nothing on an output that is no terminal. Each line must fit the width. */
  draw(lines: readonly string[]): void {
    if (!this.live || (lines.length === this.#area.length && lines.every((line, row) => line === this.#area[row])))
      return;
    const erase = this.#erase();
    this.#area = lines;
    this.#write(`${erase}${lines.join('\n')}`);
  }

  /** Ends the area: its last state stays as lines, or goes. */
  settle({ keep }: { keep: boolean }): void {
    if (this.#area.length > 0) this.#write(keep ? '\n' : this.#erase());
    this.#area = [];
  }

  /** Calls `listener` when the window changes its size, until the function that it returns is called. */
  onResize(listener: () => void): () => void {
    this.#stream.on('resize', listener);
    return () => this.#stream.off('resize', listener);
  }

  hideCursor(): void {
    if (!this.live || this.#cursorHidden) return;
    this.#cursorHidden = true;
    this.#write('\x1b[?25l');
  }

  showCursor(): void {
    if (!this.#cursorHidden) return;
    this.#cursorHidden = false;
    this.#write('\x1b[?25h');
  }

  /** Back to the area's first column and row, and all below cleared. Lines that a narrower window wrapped count as more. */
  #erase(): string {
    if (this.#area.length === 0) return '';
    const rows = this.#area.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / this.width)), 0);
    return `\r${rows > 1 ? `\x1b[${rows - 1}A` : ''}\x1b[J`;
  }

  #write(text: string): void {
    if (!this.closed.aborted && text !== '') this.#stream.write(text);
  }
}
