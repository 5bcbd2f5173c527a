// @ts-check
// What `npm start` and `npm test` do first, with nothing but Node and npm: bring the pinned pnpm, install what the lock
// file says, build what changed. Everything is quick when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** `pnpm@<version>`, without the hash that only corepack reads. */
function pinnedPnpm() {
  const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return packageManager.split('+')[0];
}

/**
 * Runs a command in the root of the clone. Its output is shown when it fails, or all along with `show`.
 *
 * @param {string} title what the person reads
 * @param {string[]} command
 * @param {{ show?: boolean }} [options]
 * @returns {boolean} whether it succeeded
 */
export function step(title, [file = '', ...args], { show = false } = {}) {
  console.log(`> ${title}`);
  const { status, signal, error, stdout, stderr } = spawnSync(file, args, {
    cwd: root,
    stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe'],
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
  });
  if (status === 0) return true;
  if (!show) process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  console.error(
    `> ${title}: failed (${error?.message ?? (signal ? `ended by ${signal}` : `exit code ${status}`)}): ${[file, ...args].join(' ')}`,
  );
  return false;
}

/** The command line that runs the pinned pnpm, wherever it has to come from. */
export function pnpm(/** @type {string[]} */ ...args) {
  return ['npm', 'exec', '--yes', `--package=${pinnedPnpm()}`, '--', 'pnpm', ...args];
}

/** Installs and builds; ends the process with exit code 1 and the reason when that fails. */
export function setUp() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`kai needs Node.js 20.19 or newer; this is ${process.version}. Install a newer one from nodejs.org.`);
    process.exit(1);
  }
  const ready =
    step('Installing packages', pnpm('install', '--frozen-lockfile', '--prefer-offline')) &&
    step('Building', pnpm('exec', 'turbo', 'run', 'build', '--output-logs=errors-only'));
  if (!ready) process.exit(1);
}
