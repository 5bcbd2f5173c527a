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

async function main(): Promise<ExitCode> {
  const { env } = process;
  const standing = standingPlace({ env, cwd: process.cwd() });
  if (standing !== process.cwd()) process.chdir(standing);
  const args = process.argv.slice(2);
  const context: Context = {
    terminal: new Terminal(process.stdout, { env }),
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
  if (!(error instanceof CliError)) {
    warn(`kai: ${error instanceof Error ? (process.env.KAI_DEBUG ? error.stack : error.message) : String(error)}`);
    return exitCode.failed;
  }
  warn(`kai: ${plainText(error.message)}`);
  for (const detail of error.details) warn(`  ${plainText(detail)}`);
  return error.code === 'usage' ? exitCode.usage : exitCode.failed;
}

process.exitCode = await main();
