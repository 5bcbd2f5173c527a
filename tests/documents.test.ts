import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = ['packages', 'apps'].flatMap((parent) =>
  readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
);

function documents(): string[] {
  const skipped = /(^|\/)(node_modules|dist|runs|\.git|\.turbo)(\/|$)/;
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.md') && !skipped.test(path),
  );
}

const LINK = /!?\[[^\]]*\]\(([^)\s]+)\)/g;

test('every relative link in a document leads to a file that is there', () => {
  const broken = documents().flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(LINK)]
      .map((match) => match[1]!)
      .filter((target) => !/^(https?:|#|mailto:)/.test(target))
      .filter((target) => !existsSync(join(root, dirname(path), target.split('#')[0]!)))
      .map((target) => `${path} -> ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every package has a README', () => {
  expect(packages.filter((folder) => !existsSync(join(root, folder, 'README.md')))).toEqual([]);
});

describe('the snippet in the README of', () => {
  // A project of a user's own, with our packages as built.
  let project: string;
  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'kai-readme-'));
    mkdirSync(join(project, 'node_modules', '@kai'), { recursive: true });
    for (const folder of packages) {
      const { name } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      symlinkSync(join(root, folder), join(project, 'node_modules', name));
    }
  });
  afterAll(() => rmSync(project, { recursive: true }));

  const snippets = packages.flatMap((folder) => {
    const text = readFileSync(join(root, folder, 'README.md'), 'utf8');
    const snippet = /^```[tj]s\n([\s\S]*?)^```/m.exec(text)?.[1];
    return snippet === undefined ? [] : [{ folder, snippet }];
  });

  test('every library is there', () => {
    expect(snippets.map(({ folder }) => folder)).toEqual(
      expect.arrayContaining(packages.filter((folder) => folder.startsWith('packages/'))),
    );
  });

  test.each(snippets)('$folder runs and prints what its comments say', async ({ folder, snippet }) => {
    const cwd = join(project, folder);
    mkdirSync(cwd, { recursive: true });
    const file = join(cwd, 'snippet.mjs');
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    writeFileSync(file, ts.transpileModule(snippet, { compilerOptions: options }).outputText);
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd, timeout: 60_000 });
    // A port that is taken gives way to the next one.
    const lines = (text: string) => text.split('\n').map((line) => line.trim().replace(/:\d{4,5}\//, ':PORT/'));
    // The comment behind a statement that ends in `);` at the end of a console.log is its output.
    const promised = [...snippet.matchAll(/console\.log\([\s\S]*?\); \/\/ (.*)$/gm)].map((match) => match[1]!);
    expect(promised.length).toBeGreaterThan(0);
    expect(lines(stdout.trim())).toEqual(lines(promised.join('\n')));
  });
});
