import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Who may import whom; docs/architecture.md draws it. */
const MAY_IMPORT: Record<string, string[]> = {
  'packages/progress': [],
  'packages/svg-chart': [],
  'packages/models': [],
  'packages/evaluator': [],
  'packages/run-state': ['@kai/progress'],
  'packages/evolution': ['@kai/progress', '@kai/run-state'],
  'apps/viewer': ['@kai/progress', '@kai/run-state', '@kai/svg-chart'],
  'apps/cli': [
    '@kai/evaluator',
    '@kai/evolution',
    '@kai/models',
    '@kai/progress',
    '@kai/run-state',
    '@kai/svg-chart',
    '@kai/viewer',
  ],
};

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path));
}

/** Every module that a file imports, exports from or requires, as TypeScript's own scanner sees it. */
function importsOf(path: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, path), 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => fileName);
}

function manifestOf(folder: string): { name: string; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
}

test('every package and app is in the table of who may import whom', () => {
  const folders = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  );
  expect(folders.sort()).toEqual(Object.keys(MAY_IMPORT).sort());
});

test.each(Object.entries(MAY_IMPORT))('%s imports and declares nothing of ours but %j', (folder, allowed) => {
  const { name, dependencies = {} } = manifestOf(folder);
  const declared = Object.keys(dependencies).filter((dependency) => dependency.startsWith('@kai/'));
  expect(declared.filter((dependency) => !allowed.includes(dependency))).toEqual([]);
  const faults = sourceFiles(folder).flatMap((path) =>
    importsOf(path)
      .filter((specifier) => {
        if (specifier.startsWith('.')) {
          // A relative import stays in its own package, but for the root's build recipe and browser.
          const target = relative(root, resolve(root, dirname(path), specifier));
          const isShared = target === 'tsup.base.ts' || (target === 'tests/browser.ts' && path.endsWith('.test.ts'));
          return !target.startsWith(`${folder}/`) && !isShared;
        }
        if (!specifier.startsWith('@kai/')) return false;
        const imported = specifier.split('/').slice(0, 2).join('/');
        return imported !== name && !declared.includes(imported);
      })
      .map((specifier) => `${path} imports ${specifier}`),
  );
  expect(faults).toEqual([]);
});

test('packages never import from apps', () => {
  const faults = sourceFiles('packages').filter((path) =>
    importsOf(path).some((specifier) => /(^|\/)apps\//.test(specifier) || /^@kai\/(viewer|cli)/.test(specifier)),
  );
  expect(faults).toEqual([]);
});
