import { expect, test } from 'vitest';
import type { Context } from './context.ts';
import { createProgram } from './program.ts';

/** What kai prints when it is called so, and whether it ended in an error. */
async function call(...args: string[]): Promise<{ printed: string; failed: boolean }> {
  const program = createProgram({ command: 'kai' } as Context, { version: '1.2.3', ended() {} });
  let printed = '';
  const write = (text: string) => {
    printed += text;
  };
  program.configureOutput({ writeOut: write, writeErr: write });
  for (const command of program.commands) command.configureOutput({ writeOut: write, writeErr: write });
  let failed = false;
  await program.parseAsync(args, { from: 'user' }).catch(({ exitCode }) => {
    failed = exitCode !== 0;
  });
  return { printed, failed };
}

test('help of a command is its help', async () => {
  expect(await call('help', 'run')).toMatchObject({
    printed: expect.stringContaining('--target-score'),
    failed: false,
  });
  expect((await call('help')).printed).toContain('Exit codes: 0 done');
});

test('help of a command that is not there is an error, with the nearest one', async () => {
  const { printed, failed } = await call('help', 'resum');
  expect(failed).toBe(true);
  expect(printed).toBe(`kai: unknown command 'resum'
(Did you mean resume?)
Run "kai --help" for the commands.
`);
  expect((await call('help', 'nope')).printed).toContain("unknown command 'nope'\nRun");
});
