// @ts-check
// `npm test`: sets the clone up, sees that Chromium is there, then format, lint, types and every test.
// The last line counts each check and each test: `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, setUp, step } from './set-up.js';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const CHROMIUM_PATHS = [
  process.env.KAI_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The path of the browser for the browser tests; on Debian as root it is installed when missing. */
function findChromium() {
  const find = () => CHROMIUM_PATHS.find((path) => path && existsSync(path));
  const canInstall = existsSync('/etc/debian_version') && process.getuid?.() === 0;
  if (!find() && canInstall) {
    process.env.DEBIAN_FRONTEND = 'noninteractive';
    step('Updating the package lists', ['apt-get', 'update', '-qq']);
    step('Installing Chromium', ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium']);
  }
  const path = find();
  if (path) return path;
  console.error(
    'The browser tests need Chromium, and none was found. Install it (Debian: sudo apt-get install chromium; macOS: brew install --cask chromium), or set KAI_CHROMIUM to the path of a Chrome or Chromium.',
  );
  return null;
}

/** Runs vitest and reads its counts from its JSON report. @returns {Counts} */
function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'kai-test-'));
  const report = join(folder, 'report.json');
  try {
    const { status } = spawnSync(
      process.execPath,
      ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
    );
    if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    // A file that could not be loaded holds no failed test, and yet it failed; so does an error outside of any test.
    const failed = numFailedTests > 0 ? numFailedTests : Math.max(numFailedTestSuites, status === 0 ? 0 : 1);
    return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

setUp();
const chromium = findChromium();
if (chromium) process.env.KAI_CHROMIUM = chromium;
const bin = (/** @type {string} */ name) => join(root, 'node_modules', '.bin', name);
const checks = [
  chromium !== null,
  step('Checking format and lint', [bin('biome'), 'check', '--error-on-warnings', '.']),
  step('Checking types', [bin('tsc'), '--noEmit', '-p', 'tsconfig.json']),
];
const tests = runTests();
const passed = tests.passed + checks.filter(Boolean).length;
const failed = tests.failed + checks.filter((ok) => !ok).length;
console.log(`${passed} passed, ${failed} failed, ${tests.skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
