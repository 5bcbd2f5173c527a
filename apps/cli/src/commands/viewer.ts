import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { usageError } from '../cli-error.ts';
import { type Context, shownPath } from '../context.ts';
import { startDashboard } from '../dashboard.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { aborted, listenForStop } from '../stop-requests.ts';

export interface ViewerCommandOptions {
  host?: string;
  port?: number;
  open?: boolean;
}

/** `kai viewer`: serves the pages of a folder of runs until Ctrl-C. */
export async function viewerCommand(
  path: string | undefined,
  { host, port, open = false }: ViewerCommandOptions,
  context: Context,
): Promise<ExitCode> {
  const root = path ?? 'runs';
  if (!(await stat(root).catch(() => null))?.isDirectory()) {
    throw usageError(
      path === undefined
        ? `There are no runs here (no folder ./runs). Start one with "${context.command} run <task>", or name a folder of runs.`
        : `${path}: there is no such folder.`,
    );
  }
  const requests = listenForStop(context);
  try {
    const dashboard = await startDashboard({ root, host, port, command: context.command });
    try {
      context.terminal.line(`${shownPath(root, context.cwd)} at ${dashboard.url} (Ctrl-C ends)`);
      if (open) openInBrowser(dashboard.url);
      await aborted(requests.stop);
    } finally {
      await dashboard.close();
    }
  } finally {
    requests.close();
  }
  return exitCode.done;
}

/** Asks the desktop to show the page. Where there is none, the address that was printed is enough. */
function openInBrowser(url: string): void {
  const child = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
