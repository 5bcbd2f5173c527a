import { type ServeViewerOptions, serveViewer, ViewerError } from '@kai/viewer';
import { usageError } from './cli-error.ts';

/** A viewer that is being served. */
export interface Dashboard {
  /** With a trailing slash. */
  url: string;
  close(): Promise<void>;
}

/** Serves the viewer; without a `port`, on the first free one from 8321. @throws CliError `usage` */
export async function startDashboard({
  root,
  host,
  port,
  command,
}: Pick<ServeViewerOptions, 'root' | 'host' | 'port' | 'command'>): Promise<Dashboard> {
  try {
    return await serveViewer({ root, host, port, command, exactPort: port !== undefined });
  } catch (cause) {
    if (cause instanceof ViewerError) throw usageError(cause.message, { cause });
    throw cause;
  }
}

/** The address of one run's page. */
export function runUrl({ url }: Pick<Dashboard, 'url'>, { label, idx }: { label: string; idx: number }): string {
  return `${url}setup/${encodeURIComponent(label)}/run/${idx}`;
}
