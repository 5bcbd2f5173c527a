import { createRequire } from 'node:module';
import { CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import { commandName, standingPlace } from './command-name.ts';
import type { Context } from './context.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { plainText } from './plain-text.ts';
import { createProgram } from './program.ts';
import { Terminal } from './terminal.ts';

// The entry of the command: the only place that reads the process and sets its exit code.

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

// A stack of an evaluator that does not import can be long.
const maxErrorLines = 20;

const terminal = new Terminal(process.stdout);

async function main(terminal: Terminal): Promise<ExitCode> {
  const { env } = process;
  const standing = standingPlace({ env, cwd: process.cwd() });
  if (standing !== process.cwd()) process.chdir(standing);
  const args = process.argv.slice(2);
  const context: Context = {
    terminal,
    warn: (line) => process.stderr.write(`${line}\n`),
    command: commandName({ env, script: process.argv[1], cwd: standing }),
    args,
    cwd: standing,
    now: () => Date.now() / 1000,
    exitNow: () => process.exit(exitCode.stoppedByUser),
  };
  process.stderr.on('error', () => {});
  let code: ExitCode = exitCode.done;
  const program = createProgram(context, {
    version,
    ended: (ended) => {
      code = ended;
    },
  });
  if (args.length === 0) {
    program.outputHelp();
    return code;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return await reportError(error, context);
  }
}

async function reportError(thrown: unknown, { warn }: Context): Promise<ExitCode> {
  if (thrown instanceof CommanderError) {
    // It has printed the message, or the help that was asked for.
    return thrown.exitCode === 0 ? exitCode.done : exitCode.usage;
  }
  const { asUsageError } = await import('./known-errors.ts');
  const error = asUsageError(thrown);
  const text = error instanceof Error ? ((process.env.KAI_DEBUG ? error.stack : null) ?? error.message) : String(error);
  const [first = '', ...rest] = text.split('\n').slice(0, maxErrorLines).map(plainText);
  warn(`kai: ${first}`);
  for (const line of rest) warn(`  ${line}`);
  if (!(error instanceof CliError)) return exitCode.failed;
  for (const detail of error.details) warn(`  ${plainText(detail)}`);
  return error.code === 'usage' ? exitCode.usage : exitCode.failed;
}

process.exitCode = await main(terminal);
await new Promise((resolve) => setImmediate(resolve));
if (process.stdout.isTTY && terminal.closed.aborted) {
  // The window was closed. Node aborts with a core dump when it cannot reset such a terminal at exit, so the process
  // ends the way it would have without our listeners; everything is written by now.
  process.kill(process.pid, 'SIGHUP');
}
