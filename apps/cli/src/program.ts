import { Command, InvalidArgumentError, Option } from 'commander';
import type { Context, StoppableContext } from './context.ts';
import type { ExitCode } from './exit-code.ts';
import { nearest } from './nearest.ts';
import { plainText } from './plain-text.ts';
import { listenForStop } from './stop-requests.ts';

/** The command line of kai: commands, flags, help. `ended` hears the exit code of the command that ran. */
export function createProgram(
  context: Context,
  { version, ended }: { version: string; ended: (code: ExitCode) => void },
): Command {
  const { command: kai } = context;
  const program = new Command('kai')
    .description('Evolves programs: proposes edits, scores them with your evaluator, and keeps what is better.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'kai: ')) })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText(
      'after',
      `
Examples:
  ${kai} run examples/circle-packing --viewer   evolve, and watch it in the browser
  ${kai} monitor                                watch the newest run in this terminal
  ${kai} resume --more 1000                     go on where it was stopped

Exit codes: 0 done, 1 failed, 2 usage, 130 a run that you stopped. Ctrl-C writes a last checkpoint once there is
something to keep; it ends monitor and viewer with 0.`,
    );

  program
    .command('run')
    .description('start a new run of a task')
    .argument('<task>', 'task folder, or an initial program (then the evaluator follows)')
    .argument('[evaluator]', 'evaluator of an initial program, .js, .mjs or .cjs')
    .option('-c, --config <file>', 'configuration (default: kai.yaml or config.yaml in the task folder)')
    .option('--strict', 'unknown keys are an error in any configuration file')
    .option('--runs <root>', 'folder of all runs (default: runs)')
    .option('--label <label>', "the run's folder in it (default: the task folder's name)")
    .addOption(new Option('-o, --output <dir>', 'the run directory itself').conflicts(['runs', 'label']))
    .option('-i, --iterations <n>', 'iterations to do', wholeNumber(1))
    .option('--target-score <score>', 'stop when the best score reaches it', finiteNumber)
    .option('--seed <n>', 'seed of all randomness', wholeNumber(0))
    .option('--offline', 'propose with the offline mutator, without any model')
    .option('--viewer', 'serve the dashboard while it runs')
    .addOption(dashboardPort())
    .addHelpText(
      'after',
      `
Examples:
  ${kai} run examples/circle-packing --viewer
  ${kai} run program.js evaluator.js --iterations 500 --seed 7`,
    )
    .action(async (task: string, evaluator: string | undefined, options) => {
      const paths = evaluator === undefined ? [task] : [task, evaluator];
      const end = await untilStopped(context, async (stoppable) => {
        const { runCommand } = await import('./commands/run.ts');
        return runCommand(paths, options, stoppable);
      });
      ended(end);
    });

  program
    .command('resume')
    .description('go on with a run')
    .argument('[run-dir]', 'run directory (default: the newest interrupted or stopped run in ./runs)')
    .option('-i, --iterations <total>', 'iterations in all, those that are done included', wholeNumber(1))
    .addOption(
      new Option('-m, --more <n>', 'iterations beyond those that are done')
        .argParser(wholeNumber(1))
        .conflicts('iterations'),
    )
    .option('--force', 'go on although the evaluator has changed')
    .option('--viewer', 'serve the dashboard while it runs')
    .addOption(dashboardPort())
    .addHelpText(
      'after',
      `
Examples:
  ${kai} resume
  ${kai} resume runs/circle-packing/run_0 --more 1000`,
    )
    .action(async (path: string | undefined, options) => {
      const end = await untilStopped(context, async (stoppable) => {
        const { resumeCommand } = await import('./commands/resume.ts');
        return resumeCommand(path, options, stoppable);
      });
      ended(end);
    });

  program
    .command('monitor')
    .description('watch a run in the terminal, until it ends')
    .argument('[path]', 'run, or folder of runs: then its live or newest one (default: runs)')
    .option('--once', 'show it once and exit')
    .option('--json', 'one JSON object per change, one per line')
    .option('--follow', 'stay when the run has ended, and watch it when it is resumed')
    .addHelpText(
      'after',
      `
Examples:
  ${kai} monitor
  ${kai} monitor runs/circle-packing/run_0 --once --json`,
    )
    .action(async (path: string | undefined, options) => {
      const { monitorCommand } = await import('./commands/monitor.ts');
      ended(await monitorCommand(path, options, context));
    });

  program
    .command('viewer')
    .description('serve the pages of all runs in a folder, until Ctrl-C')
    .argument('[path]', 'folder of runs, or one run (default: runs)')
    .option('-p, --port <port>', 'port (default: the first free one from 8321)', portNumber)
    .option('--host <host>', 'address of this machine to serve on (default: 127.0.0.1)')
    .option('--open', 'open it in the browser')
    .addHelpText(
      'after',
      `
Examples:
  ${kai} viewer --open
  ${kai} viewer runs --port 9000`,
    )
    .action(async (path: string | undefined, options) => {
      const { viewerCommand } = await import('./commands/viewer.ts');
      ended(await viewerCommand(path, options, context));
    });

  program
    .command('help')
    .description('print the help of a command')
    .argument('[command]')
    .action((name: string | undefined) => {
      const known = program.commands.find((command) => command.name() === name);
      if (name !== undefined && known === undefined) program.error(`error: ${unknownCommand(name, program)}`);
      (known ?? program).outputHelp();
    });

  for (const command of program.commands) {
    command.showHelpAfterError(`Run "${kai} ${command.name()} --help" for what it takes.`);
  }
  return program.showHelpAfterError(`Run "${kai} --help" for the commands.`);
}

async function untilStopped(
  context: Context,
  run: (context: StoppableContext) => Promise<ExitCode>,
): Promise<ExitCode> {
  const requests = listenForStop(context);
  try {
    return await run({ ...context, requests });
  } finally {
    requests.close();
  }
}

function unknownCommand(name: string, { commands }: Command): string {
  const meant = nearest(
    name,
    commands.map((command) => command.name()),
  );
  return `unknown command '${plainText(name)}'${meant === null ? '' : `\n(Did you mean ${meant}?)`}`;
}

function dashboardPort(): Option {
  return new Option('-p, --port <port>', 'port of the dashboard, with --viewer (default: the first free one from 8321)')
    .argParser(portNumber)
    .implies({ viewer: true });
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least}.`);
  };
}

function finiteNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number.');
}

function portNumber(text: string): number {
  const port = wholeNumber(0)(text);
  if (port <= 65_535) return port;
  throw new InvalidArgumentError('Expected a port from 0 (any free one) to 65535.');
}
