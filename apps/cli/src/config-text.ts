import { type Alias, type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { usageError } from './cli-error.ts';

type Path = readonly (string | number)[];

/** A configuration file as data, which still knows where each value stands. Lines count from 1. */
export interface ConfigText {
  value: Record<string, unknown>;
  /** Where the value at `path`, or the nearest section around it, stands; null for an empty file. */
  lineOf(path: Path): number | null;
  /** Where the key stands in the section at `path`. */
  lineOfKey(path: Path, key: string): number | null;
  /** What stands there, short, for a message; null when nothing does. */
  describe(path: Path): string | null;
}

/**
 * Parses YAML. An empty file is an empty configuration.
 *
 * @throws CliError `usage` for text that is not YAML, keys that come twice, or anything but keys and values at the top
 */
export function parseConfigText(content: string, { name }: { name: string }): ConfigText {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [error] = document.errors;
  if (error) {
    const line = lines.linePos(error.pos[0]).line;
    throw usageError('Could not read the configuration:', { details: [`${name}:${line}: ${inWords(error)}`] });
  }
  const stray = aliasWithoutAnchor(document);
  if (stray !== null) {
    const line = lines.linePos(stray.range?.[0] ?? 0).line;
    throw usageError('Could not read the configuration:', {
      details: [
        `${name}:${line}: *${stray.source} stands for what is marked &${stray.source} before it, and nothing is. Put a text that begins with * in quotes.`,
      ],
    });
  }
  const value = toData(() => document.toJS(), name);
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw usageError('Could not read the configuration:', {
      details: [`${name}:1: expected keys and values such as "max_iterations: 100", found ${short(value)}`],
    });
  }
  const lineAt = (offset: number | undefined) => (offset === undefined ? null : lines.linePos(offset).line);
  const nodeLine = (path: Path): number | null => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    if (isNode(node)) return lineAt(node.range?.[0]);
    return path.length === 0 ? null : nodeLine(path.slice(0, -1));
  };
  const keyLine = (path: Path, key: string): number | null => {
    const section = path.length === 0 ? document.contents : document.getIn(path, true);
    if (!isMap(section)) return null;
    const pair = section.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key);
    return isNode(pair?.key) ? lineAt(pair.key.range?.[0]) : null;
  };
  return {
    value: value as Record<string, unknown>,
    lineOf(path) {
      const key = path.at(-1);
      return (typeof key === 'string' ? keyLine(path.slice(0, -1), key) : null) ?? nodeLine(path);
    },
    lineOfKey: keyLine,
    describe(path) {
      const found = path.reduce<unknown>(
        (inner, part) => (inner as Record<string, unknown> | undefined)?.[part],
        value,
      );
      return found === undefined ? null : short(found);
    },
  };
}

function inWords({ code, message }: { code: string; message: string }): string {
  return code === 'MULTIPLE_DOCS'
    ? 'a line "---" begins a second document here, and a configuration is one. Take the line out, or one of the two.'
    : message;
}

function aliasWithoutAnchor(document: Document.Parsed): Alias.Parsed | null {
  let found: Alias.Parsed | null = null;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      found = alias as Alias.Parsed;
      return visit.BREAK;
    },
  });
  return found;
}

/** Aliases that multiply beyond bounds end in an error of the library: the file's fault. */
function toData(read: () => unknown, name: string): unknown {
  try {
    return read() ?? {};
  } catch (cause) {
    throw usageError('Could not read the configuration:', { details: [`${name}: ${(cause as Error).message}`], cause });
  }
}

function short(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
