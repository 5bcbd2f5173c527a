import { relative, resolve, sep } from 'node:path';
import type { StopRequests } from './stop-requests.ts';
import type { Terminal } from './terminal.ts';

/** What a command gets from the process it runs in. */
export interface Context {
  terminal: Terminal;
  /** One line for standard error. */
  warn: (line: string) => void;
  /** How the user calls kai, e.g. `kai` or `pnpm kai`, for commands to type next. */
  command: string;
  /** What was typed after it. */
  args: readonly string[];
  cwd: string;
  /** Unix seconds. */
  now: () => number;
  /** Ends the process without waiting for anything: the third Ctrl-C. */
  exitNow: () => void;
}

/** What a command gets that can be stopped in order: Ctrl-C counts from before its modules are loaded. */
export interface StoppableContext extends Context {
  requests: StopRequests;
}

/** A path as the user would type it from here: relative when it lies below, else absolute. */
export function shownPath(path: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  const below = relative(cwd, absolute);
  if (below === '') return '.';
  return below === '..' || below.startsWith(`..${sep}`) ? absolute : below;
}

/** A word as a shell reads it back. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
