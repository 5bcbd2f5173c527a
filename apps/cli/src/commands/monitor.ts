import { type RunState, watchRun } from '@kai/run-state';
import { type ChosenRun, chooseLiveOrNewest } from '../choose-run.ts';
import { type Context, shellWord, shownPath } from '../context.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { frame } from '../frame.ts';
import { stateJson } from '../state-json.ts';
import { stateLine } from '../state-line.ts';
import { listenForStop } from '../stop-requests.ts';

export interface MonitorCommandOptions {
  once?: boolean;
  json?: boolean;
  follow?: boolean;
}

// A pipe gets a line when the best or the status changes, and else at most this often.
const plainEverySeconds = 5;
const redrawMs = 100;

/** `kai monitor`: shows what a run is doing until it ends, or with `follow` until Ctrl-C. */
export async function monitorCommand(
  path: string | undefined,
  options: MonitorCommandOptions,
  context: Context,
): Promise<ExitCode> {
  const run = await chooseLiveOrNewest(path, { now: context.now(), command: context.command });
  const requests = listenForStop(context);
  const ended = AbortSignal.any([requests.stop, context.terminal.closed]);
  try {
    const show = options.json ? jsonOutput(context) : outputFor(run, options, context);
    try {
      for await (const state of statesOf(run, { ended, ...options })) show.state(state);
    } finally {
      show.end();
    }
  } finally {
    requests.close();
  }
  return exitCode.done;
}

interface Output {
  state(state: RunState): void;
  end(): void;
}

/** The run's states until it has ended; with `follow` also after that, with `once` the first alone. */
async function* statesOf(
  run: ChosenRun,
  { ended, once = false, follow = false }: MonitorCommandOptions & { ended: AbortSignal },
): AsyncGenerator<RunState, void, undefined> {
  const leave = new AbortController();
  const states = watchRun(run.dir, { place: run, signal: AbortSignal.any([ended, leave.signal]) });
  try {
    for await (const state of states) {
      yield state;
      if (once || (!state.active && !follow)) return;
    }
  } finally {
    leave.abort();
  }
}

function outputFor(run: ChosenRun, { once = false }: MonitorCommandOptions, context: Context): Output {
  const { terminal, cwd } = context;
  const others = run.others === 0 ? '' : `, of ${run.others + 1} runs`;
  const intro = `${run.label} / run ${run.idx} (${shownPath(run.dir, cwd)}${others})`;
  if (once) return { state: (state) => terminal.line(...frameOf(state, context)), end() {} };
  if (terminal.live) {
    if (run.others > 0) terminal.line(terminal.paint('gray', intro));
    return liveOutput(context);
  }
  terminal.line(intro);
  return plainOutput(context);
}

function jsonOutput({ terminal, now }: Context): Output {
  return { state: (state) => terminal.line(JSON.stringify(stateJson(state, { now: now() }))), end() {} };
}

/** Redraws in place at most ten times a second, and once a second for the ages, whatever happens. */
function liveOutput(context: Context): Output {
  const { terminal } = context;
  let latest: RunState | null = null;
  let drawnAtMs = 0;
  let pending: NodeJS.Timeout | null = null;
  const draw = () => {
    if (pending !== null) clearTimeout(pending);
    pending = null;
    drawnAtMs = performance.now();
    if (latest !== null) terminal.draw(frameOf(latest, context));
  };
  const timer = setInterval(draw, 1000);
  const stopResizing = terminal.onResize(draw);
  terminal.hideCursor();
  return {
    state(state) {
      latest = state;
      const wait = redrawMs - (performance.now() - drawnAtMs);
      if (wait <= 0) draw();
      else pending ??= setTimeout(draw, wait);
    },
    end() {
      clearInterval(timer);
      stopResizing();
      draw();
      terminal.settle({ keep: true });
      terminal.showCursor();
    },
  };
}

/** A line per change that matters, others at most every few seconds, and the last state in any case. */
function plainOutput({ terminal, now }: Context): Output {
  let shown: RunState | null = null;
  let shownAt = 0;
  let latest: RunState | null = null;
  const print = (state: RunState) => {
    shown = state;
    shownAt = now();
    terminal.line(stateLine(state, { now: shownAt }));
  };
  return {
    state(state) {
      latest = state;
      const matters = shown === null || shown.best !== state.best || shown.status !== state.status;
      if (matters || (shown?.iteration !== state.iteration && now() - shownAt >= plainEverySeconds)) print(state);
    },
    end() {
      if (latest !== null && latest !== shown) print(latest);
    },
  };
}

function frameOf(state: RunState, { terminal, now, command, cwd }: Context): string[] {
  const { width, height, paint } = terminal;
  const resumeCommand = `${command} resume ${shellWord(shownPath(state.dir, cwd))}`;
  return frame(state, { width, height, now: now(), resumeCommand, paint });
}
