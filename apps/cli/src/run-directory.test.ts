import { chmod, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkDestination, giveBack, makeRunDirectory } from './run-directory.ts';

const said = { name: 'task', command: 'pnpm kai' };
const makeRoot = () => mkdtemp(join(tmpdir(), 'kai-destination-'));

test('runs of a task count up below its label, which is made fit', async () => {
  const runs = await makeRoot();
  expect(await makeRunDirectory({ runs }, 'my task!')).toBe(join(runs, 'my-task/run_0'));
  expect(await makeRunDirectory({ runs }, 'my task!')).toBe(join(runs, 'my-task/run_1'));
  expect(await makeRunDirectory({ runs, label: 'b' }, 'my task!')).toBe(join(runs, 'b/run_0'));
});

test('--output is the run directory itself', async () => {
  const output = join(await makeRoot(), 'deep/out');
  await checkDestination({ output }, said);
  expect(await makeRunDirectory({ output }, 'task')).toBe(output);
});

test('an --output that holds a run, even an old one without a feed, is refused', async () => {
  const output = await makeRoot();
  await mkdir(join(output, 'checkpoints/checkpoint_10'), { recursive: true });
  await expect(checkDestination({ output }, said)).rejects.toThrow(
    `${output} already holds a run. Go on with it (pnpm kai resume ${output})`,
  );
});

test('a label that cannot be a folder, and a file in place of a folder, are refused', async () => {
  const file = join(await makeRoot(), 'file');
  await writeFile(file, '');
  await expect(checkDestination({ label: '../up' }, said)).rejects.toThrow(
    '--label "../up" cannot name a folder of runs',
  );
  await expect(checkDestination({ runs: file }, said)).rejects.toThrow('is a file; expected a folder');
  await expect(checkDestination({ output: file }, said)).rejects.toThrow('is a file; expected a folder');
});

test('of two runs that begin in the same --output at once one gets it, and the other changes nothing there', async () => {
  const output = join(await makeRoot(), 'out');
  const [first, second] = await Promise.allSettled([0, 1].map(() => makeRunDirectory({ output }, 'task')));
  const outcomes = [first!, second!].sort((a, b) => (a.status < b.status ? -1 : 1));
  expect(outcomes[0]).toMatchObject({ status: 'fulfilled', value: output });
  expect(outcomes[1]).toMatchObject({ reason: { code: 'usage', message: expect.stringContaining('is taken') } });
  expect(await readdir(output)).toEqual(['task']);
});

test('a directory in which no run came to be is given back, with what others have in it left alone', async () => {
  const root = await makeRoot();
  const output = join(root, 'out');
  await giveBack(await makeRunDirectory({ output }, 'task'));
  expect(await readdir(root)).toEqual([]);
  await mkdir(output);
  await writeFile(join(output, 'notes.txt'), '');
  await giveBack(await makeRunDirectory({ output }, 'task'));
  expect(await readdir(output)).toEqual(['notes.txt']);
});

test('a place below a file is refused in words', async () => {
  const file = join(await makeRoot(), 'file');
  await writeFile(file, '');
  await expect(checkDestination({ runs: join(file, 'runs') }, said)).rejects.toThrow(
    `Could not make a run directory in ${file}/runs: a file stands where a folder should be. Name another folder with --runs.`,
  );
});

// Root may write everywhere, and access(2) asks for the real user.
test.skipIf(process.getuid?.() === 0)(
  'a folder that may not be written to is refused in words (needs a user who is not root)',
  async () => {
    const runs = await makeRoot();
    await chmod(runs, 0o500);
    await expect(checkDestination({ runs }, said)).rejects.toThrow(
      `Could not make a run directory in ${runs}: permission denied. Name another folder with --runs.`,
    );
  },
);
