#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

// Committed as it is, because package managers link commands at install time, when dist/ is not there yet.
const entry = new URL('../dist/kai.js', import.meta.url);

function notBuilt(what) {
  const clone = relative(process.cwd(), fileURLToPath(new URL('../../..', import.meta.url)));
  const where = clone === '' ? '' : ` in ${clone}`;
  console.error(`kai is not built: ${what} is missing. Run "pnpm install && pnpm build"${where}, then try again.`);
  process.exitCode = 2;
}

if (!existsSync(entry)) {
  notBuilt('apps/cli/dist');
} else {
  try {
    await import(entry.href);
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    notBuilt(error.message.replace(/^Cannot find (?:module|package) '([^']*)'.*$/s, '$1'));
  }
}
