import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { compilePackage } from './fixtures/compiled-package.ts';

test('the snippet of the README prints what its comments say', async () => {
  const { dir, index } = compilePackage();
  const workDir = mkdtempSync(join(tmpdir(), 'kai-evaluator-readme-'));
  onTestFinished(() => {
    for (const path of [dir, workDir]) rmSync(path, { recursive: true, force: true });
  });
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const snippet = readme.match(/```js\n(.*?)```/s)?.[1] as string;
  writeFileSync(join(workDir, 'snippet.mjs'), snippet.replace("'@kai/evaluator'", `'${index}'`));

  const { stdout } = await promisify(execFile)(process.execPath, ['snippet.mjs'], { cwd: workDir });

  const comments = [...snippet.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, comment]) => comment);
  expect(stdout.trim().split('\n')).toEqual(comments);
});
