/** What one line of `logs/openevolve_*.log` says. */
export type LogEvent =
  /** The initial program is about to be evaluated: a search starts anew. */
  | { kind: 'fresh-start' }
  | { kind: 'plan'; lastIteration: number }
  | { kind: 'evaluated'; id: string; seconds: number; metrics: string }
  | { kind: 'cell'; island: number; dimensions: string[] }
  | { kind: 'migration' }
  /** `metrics` is null where they follow in a line of their own. */
  | { kind: 'iteration'; iter: number; id: string; parentId: string | null; seconds: number; metrics: string | null }
  | { kind: 'metrics'; metrics: string }
  | { kind: 'failed'; iter: number; message: string }
  | { kind: 'ended'; reason: string }
  | { kind: 'other' };

const header = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d),(\d{3}) - \S+ - [A-Z]+ - (.*)$/s;

// In the order of how often they come. A message is one of OpenEvolve's, of any version, from its first word to its last:
// evaluators and workers write into the same file.
const messages: [RegExp, (...groups: string[]) => LogEvent][] = [
  [
    /^Iteration (\d+): Program (\S+) \(parent: (\S+)\) completed in ([\d.]+)s/,
    (iter, id, parent, seconds) => iteration(iter, id, parent, seconds, null),
  ],
  [/^Metrics: (.*)$/s, (metrics = '') => ({ kind: 'metrics', metrics })],
  [
    /^Iteration (\d+): Child (\S+) from parent (\S+) in ([\d.]+)s\. Metrics: (.*?)(?: \(Δ: .*)?$/s,
    (iter, id, parent, seconds, metrics) => iteration(iter, id, parent, seconds, metrics ?? ''),
  ],
  [/^New MAP-Elites cell occupied in island (\d+): (.*)$/s, (island, cell) => cellOf(island, cell)],
  [/^Island (\d+) MAP-Elites cell improved: (.*) \(fitness: /s, (island, cell) => cellOf(island, cell)],
  [/^Iteration (\d+) error: (.*)$/s, failed],
  [/^Iteration (\d+): (No valid .*|Generated code exceeds .*)$/s, failed],
  [/^⏰ Iteration (\d+) (timed out after [^(]*?) ?(?:\(.*)?$/s, failed],
  [/^Error processing result from iteration (\d+): (.*)$/s, failed],
  [/^Error in iteration (\d+): (.*)$/s, failed],
  [/^Performing migration at iteration/, () => ({ kind: 'migration' })],
  [
    /^Evaluated program (\S+) in ([\d.]+)s: (.*)$/s,
    (id = '', seconds, metrics = '') => ({ kind: 'evaluated', id, seconds: Number(seconds), metrics }),
  ],
  [/^Adding initial program to database/, () => ({ kind: 'fresh-start' })],
  // Its older versions count from 0 inside and from 1 in the log.
  [
    /^Starting (process-based )?evolution from iteration \d+ for \d+ iterations \(total: (\d+)\)/,
    (fromZero, total) => ({ kind: 'plan', lastIteration: Number(total) - (fromZero ? 1 : 0) }),
  ],
  [/Evolution completed - (.*)$/s, (reason = '') => ({ kind: 'ended', reason })],
];

/**
 * Reads one line of OpenEvolve's log. Null when it is the continuation of an entry before it (a traceback).
 *
 * `ts` is in Unix seconds, and supposes that reader and writer share a time zone: the log names none.
 */
export function parseLogLine(line: string): { ts: number; event: LogEvent } | null {
  const match = header.exec(line);
  if (match === null) return null;
  const [year, month, day, hour, minute, second, millisecond] = match.slice(1, 8).map(Number) as number[];
  const ts = new Date(year!, month! - 1, day, hour, minute, second, millisecond).getTime() / 1000;
  return { ts, event: parseMessage(match[8]!) };
}

function parseMessage(message: string): LogEvent {
  for (const [pattern, read] of messages) {
    const match = pattern.exec(message);
    if (match !== null) return read(...(match.slice(1) as string[]));
  }
  return { kind: 'other' };
}

function iteration(iter = '', id = '', parent = '', seconds = '', metrics: string | null): LogEvent {
  const parentId = parent === 'None' ? null : parent;
  return { kind: 'iteration', iter: Number(iter), id, parentId, seconds: Number(seconds), metrics };
}

function cellOf(island = '', cell = ''): LogEvent {
  const dimensions = [...cell.matchAll(/'([^']+)': /g)].map((match) => match[1]!);
  return { kind: 'cell', island: Number(island), dimensions };
}

function failed(iter = '', message = ''): LogEvent {
  return { kind: 'failed', iter: Number(iter), message };
}

/**
 * The metrics of a log line, `name=0.1234, other=text`: numbers to four decimals (True is `1.0000` too), anything else as
 * its text. A text that itself holds `, name=` is cut there; the log does not quote.
 */
export function parseLogMetrics(text: string): Record<string, number | string> {
  const metrics: Record<string, number | string> = {};
  for (const part of text.split(/, (?=[^\s=,][^=,]*=)/)) {
    const split = part.indexOf('=');
    if (split < 1) continue;
    const value = part.slice(split + 1);
    metrics[part.slice(0, split)] = /^(-?\d+(\.\d+)?(e[+-]?\d+)?)$/.test(value) ? Number(value) : wordOf(value);
  }
  return metrics;
}

/** Python's words for what is not finite. */
function wordOf(value: string): number | string {
  if (value === 'nan') return Number.NaN;
  if (value === 'inf') return Number.POSITIVE_INFINITY;
  return value === '-inf' ? Number.NEGATIVE_INFINITY : value;
}
