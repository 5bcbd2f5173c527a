import { Hono } from 'hono';

export interface ViewerOptions {
  /** A folder of runs, the folder of one label, or one run. It need not exist yet. */
  root: string;
  /** Names that a request's Host header may carry, beside the loopback ones; without ports. Default none. */
  allowedHosts?: readonly string[];
  /** Between two looks at what no file event tells (the process, the clock). Default 1000. */
  pollMs?: number;
  /** Unix seconds. */
  now?: () => number;
}

export interface Viewer {
  /** Answers `app.request('/')` without a port, or serves through any adapter of hono. */
  readonly app: Hono;
  /** Ends every stream and watcher. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The viewer of the runs in `root`, not yet listening. It reads and never writes. */
export function createViewer(_options: ViewerOptions): Viewer {
  const app = new Hono();
  const close = async () => {};
  return { app, close, [Symbol.asyncDispose]: close };
}
