import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessEvaluator } from '@kai/evaluator';
import { type EvolutionResult, type EvolveOptions, evolve } from '@kai/evolution';
import { createOfflineMutator } from '@kai/models';
import { placeOf, type RunConfig, readBestProgram, readPrograms, runPaths, writeRunConfig } from '@kai/run-state';
import { type KaiConfig, sectionsOf } from './config.ts';
import { type Context, shellWord, shownPath } from './context.ts';
import { type Dashboard, runUrl } from './dashboard.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { logLine, RunLog } from './run-log.ts';
import { RunReport } from './run-report.ts';
import type { StopRequests } from './stop-requests.ts';
import { type InitialFailure, summaryLines } from './summary.ts';

export interface RunPlan {
  /** Absolute. */
  dir: string;
  /** For config.json, which is written once the directory is this run's own. */
  record: RunConfig;
  /** Called at that moment too. */
  onOpen: () => Promise<void> | void;
  /** Arguments of kai that start the same task again. */
  rerun: readonly string[];
  initialProgram: EvolveOptions['initialProgram'];
  evaluator: ProcessEvaluator;
  evaluatorSha256: string;
  config: KaiConfig;
  dashboard: Dashboard | null;
  requests: StopRequests;
  /** Where a run that is resumed stands; null for a new one. */
  resumed: { completed: number; best: number | null } | null;
  /** Said before the run begins. */
  notes: readonly string[];
}

const ticksPerSecond = 10;
// Open pages hear of the end through the viewer, which looks at least once a second.
const lastWordMs = 1000;

/** Runs the evolution of a prepared run, says what happens, and what to type next. */
export async function evolveRun(plan: RunPlan, context: Context): Promise<ExitCode> {
  const { terminal, now } = context;
  const { dir, config, requests, resumed, dashboard } = plan;
  const startedAt = now();
  const log = new RunLog(runPaths(dir).log);
  const report = new RunReport({
    terminal,
    maxIterations: config.max_iterations,
    completed: resumed?.completed,
    best: resumed?.best,
    warn: context.warn,
    now,
  });
  sayStart(plan, context);
  const sayStopping = () => terminal.line('Stopping after what is in flight; press Ctrl-C again to stop at once.');
  requests.stop.addEventListener('abort', sayStopping, { once: true });
  const timer = setInterval(() => report.tick(), 1000 / ticksPerSecond);
  let opened = false;
  const watch = setInterval(() => {
    if (opened && isGone(dir)) report.warn(goneText(shownPath(dir, context.cwd)));
  }, 1000);
  const { label, idx } = placeOf(dir);
  let result: EvolutionResult;
  try {
    log.write(`${resumed === null ? 'run' : 'resume'}: ${context.args.join(' ')}`);
    result = await evolve({
      runDir: dir,
      label,
      idx,
      initialProgram: plan.initialProgram,
      config: sectionsOf(config).evolution,
      proposer: createOfflineMutator(),
      evaluator: plan.evaluator,
      concurrency: sectionsOf(config).evaluator.concurrency,
      resume: resumed !== null,
      evaluatorSha256: plan.evaluatorSha256,
      stopSignal: requests.stop,
      signal: requests.abort,
      async onOpen() {
        await plan.onOpen();
        await writeRunConfig(dir, plan.record);
        opened = true;
      },
      onEvent(event) {
        log.write(logLine(event));
        report.hear(event);
      },
    });
    log.write(`${result.status}: ${result.error ?? result.stopReason}`);
  } finally {
    clearInterval(timer);
    clearInterval(watch);
    requests.stop.removeEventListener('abort', sayStopping);
    terminal.settle({ keep: false });
    log.close();
  }
  await sayEnd(plan, context, { result, seconds: now() - startedAt, failed: report.failed, warnings: report.warnings });
  if (dashboard !== null) await keepDashboard(dashboard, result, { context, requests });
  return codeOf(result);
}

function sayStart({ dir, dashboard, notes, resumed }: RunPlan, { terminal, cwd }: Context): void {
  const place = placeOf(dir);
  const { paint } = terminal;
  const what = `${place.label} / run ${place.idx}`;
  terminal.line(`${paint('bold', what)}${resumed === null ? '' : ', resumed,'} in ${shownPath(dir, cwd)}`, ...notes);
  if (dashboard !== null) terminal.line(`Watch it live at ${paint('underline', runUrl(dashboard, place))}`);
}

async function sayEnd(
  { dir, config, record, resumed, rerun }: RunPlan,
  context: Context,
  {
    result,
    seconds,
    failed,
    warnings,
  }: { result: EvolutionResult; seconds: number; failed: number; warnings: readonly string[] },
): Promise<void> {
  const { cwd, command } = context;
  const best = await readBestProgram(dir);
  const failure = result.best === null && result.status === 'failed' ? await initialFailure(dir) : null;
  const gone = isGone(dir);
  const [first, ...rest] = summaryLines({
    result,
    direction: config.direction,
    referenceScores: config.reference_scores,
    targetScore: config.target_score,
    sessionIterations: result.completed - (resumed?.completed ?? 0),
    seconds,
    failed,
    bestPath: best === null ? null : shownPath(best.path, cwd),
    warnings: gone ? [...new Set([goneText(shownPath(dir, cwd)), ...warnings])] : warnings,
    initialFailure: failure && {
      ...failure,
      path: shownPath(record.task.initialProgram, cwd),
      rerun: [command, ...rerun.map(shellWord)].join(' '),
    },
    next: nextCommands(dir, context, { result, maxIterations: config.max_iterations, canResume: !gone }),
  });
  const style = ({ finished: 'green', stopped: 'yellow', failed: 'red' } as const)[result.status];
  context.terminal.line('', context.terminal.paint(style, first!), ...rest);
}

/** Whether what a resume needs has been taken away, as when the directory is deleted while the run goes on. */
function isGone(dir: string): boolean {
  const { config, task } = runPaths(dir);
  return !existsSync(config) || !existsSync(task);
}

function goneText(dir: string): string {
  return `${dir} or a part of it was removed while the run went on (its config.json or task folder is missing), so it cannot be resumed.`;
}

/** Why the initial program could not be scored, by the journal; null when it is not what ended the run. */
async function initialFailure(dir: string): Promise<Pick<InitialFailure, 'reason' | 'output'> | null> {
  try {
    for await (const { iter, error, artifacts } of readPrograms(dir)) {
      if (iter !== 0 || error === null) continue;
      const output = ['stderr', 'stack'].map((name) => artifacts[name]).find((text) => typeof text === 'string');
      return { reason: error.message, output: output ?? '' };
    }
  } catch {
    // The summary then says what the run itself says.
  }
  return null;
}

/** What makes sense to type now, as it works from where the user stands. */
export function nextCommands(
  dir: string,
  { command, cwd }: Pick<Context, 'command' | 'cwd'>,
  { result, maxIterations, canResume = true }: { result: EvolutionResult; maxIterations: number; canResume?: boolean },
): { command: string; does: string }[] {
  const path = shellWord(shownPath(dir, cwd));
  const root = placeOf(dir).isForeign ? dir : dirname(dirname(dir));
  const rootWord = shownPath(root, cwd) === 'runs' ? '' : ` ${shellWord(shownPath(root, cwd))}`;
  const look = { command: `${command} viewer${rootWord}`, does: 'look at it in the browser' };
  if (result.best === null) return [look];
  const goOn =
    result.status !== 'finished' && result.completed < maxIterations
      ? { command: `${command} resume ${path}`, does: 'go on' }
      : { command: `${command} resume ${path} --more ${maxIterations}`, does: 'go on with more iterations' };
  // A target that was reached stops a resumed run at once.
  const canGoOn = canResume && result.stopReason !== 'target_score';
  return [...(canGoOn ? [goOn] : []), look, { command: `${command} monitor ${path}`, does: 'look at it here' }];
}

/** On a terminal the dashboard stays until Ctrl-C, unless that was just pressed; else it stays for a last word. */
async function keepDashboard(
  dashboard: Dashboard,
  { status }: EvolutionResult,
  { context, requests }: { context: Context; requests: StopRequests },
): Promise<void> {
  if (requests.stop.aborted || status === 'stopped') return;
  const { terminal } = context;
  const until = AbortSignal.any([requests.stop, terminal.closed]);
  if (terminal.live) terminal.line('', `The dashboard stays at ${dashboard.url} until you press Ctrl-C.`);
  // A timer keeps the process alive in any case; the server alone would, too.
  await delay(terminal.live ? 2 ** 31 - 1 : lastWordMs, undefined, { signal: until }).catch(() => undefined);
}

function codeOf({ status }: EvolutionResult): ExitCode {
  return ({ finished: exitCode.done, stopped: exitCode.stoppedByUser, failed: exitCode.failed } as const)[status];
}
