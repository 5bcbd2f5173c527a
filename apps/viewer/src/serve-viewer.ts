import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { createViewer, type ViewerOptions } from './create-viewer.ts';
import { ViewerError } from './errors.ts';

export interface ServeViewerOptions extends ViewerOptions {
  /** An address of this machine alone: `127.0.0.1` (default), `localhost` or `::1`. */
  host?: string;
  /** Default 8321. 0: any free port. */
  port?: number;
  /** Fail when the port is taken, instead of taking the next free one of 20. Default false. */
  exactPort?: boolean;
}

export interface ServedViewer {
  /** With a trailing slash, as it works in a browser on this machine. */
  readonly url: string;
  readonly port: number;
  /** Ends every stream, watcher and connection, and frees the port. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const defaultPort = 8321;
const portsToTry = 20;
const loopbackHosts = ['127.0.0.1', 'localhost', '::1'];

/**
 * Serves the viewer over HTTP on this machine.
 *
 * @throws ViewerError `host` for any address but a loopback one; `port` when no port could be had
 */
export async function serveViewer(options: ServeViewerOptions): Promise<ServedViewer> {
  const { host = '127.0.0.1', port: firstPort = defaultPort, exactPort = false } = options;
  if (!loopbackHosts.includes(host)) {
    throw new ViewerError(
      'host',
      `Could not serve on ${host}: remote access needs a token, which this version does not have. ` +
        `Use ${loopbackHosts.join(', ')}, and reach it from elsewhere through an SSH tunnel (ssh -L ${firstPort}:127.0.0.1:${firstPort} <host>).`,
    );
  }
  const viewer = createViewer(options);
  const server = createAdaptorServer({ fetch: viewer.app.fetch }) as Server;
  const ports = Array.from(
    { length: exactPort || firstPort === 0 ? 1 : portsToTry },
    (_, offset) => firstPort + offset,
  );
  try {
    const port = await listenOnFirstFree(server, host, ports);
    let closing: Promise<void> | null = null;
    const close = () => {
      closing ??= closeAll(server, viewer.close);
      return closing;
    };
    const urlHost = host.includes(':') ? `[${host}]` : host;
    return { url: `http://${urlHost}:${port}/`, port, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await viewer.close();
    throw error;
  }
}

async function listenOnFirstFree(server: Server, host: string, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    try {
      return await listen(server, host, port);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EACCES') {
        throw new ViewerError('port', `Could not listen on ${host} port ${port}: ${(cause as Error).message}.`, {
          cause,
        });
      }
    }
  }
  const [first] = ports;
  throw new ViewerError(
    'port',
    ports.length === 1
      ? `Could not listen on ${host} port ${first}: it is in use or not permitted. Name another with --port, or leave it out for the next free one.`
      : `Could not listen on ${host}: none of the ports ${first} to ${ports.at(-1)} is free. Name another with --port.`,
  );
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      server.off('listening', done);
      reject(error);
    };
    const done = () => {
      server.off('error', fail);
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : port);
    };
    server.once('error', fail);
    server.once('listening', done);
    server.listen(port, host);
  });
}

async function closeAll(server: Server, closeViewer: () => Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await closeViewer();
  server.closeAllConnections();
  await closed;
}
