// @ts-check
// `npm test`: sets the clone up, sees that Chromium is there, then format, lint, types and every test.
// The last line counts each check and each test: `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHROMIUM_ADVICE, findChromium } from './chromium.js';
import { root, setUp, step } from './set-up.js';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** Whether there is a browser for the browser tests; on Debian as root it is installed when missing. */
function ensureChromium() {
  const canInstall = !process.env.KAI_CHROMIUM && existsSync('/etc/debian_version') && process.getuid?.() === 0;
  if (!findChromium() && canInstall) {
    process.env.DEBIAN_FRONTEND = 'noninteractive';
    step('Updating the package lists', ['apt-get', 'update', '-qq']);
    step('Installing Chromium', ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium']);
  }
  if (findChromium()) return true;
  console.error(CHROMIUM_ADVICE);
  return false;
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
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites, testResults } =
      JSON.parse(readFileSync(report, 'utf8'));
    for (const { assertionResults } of testResults) {
      // The name of a test that may be skipped ends with what it needs.
      for (const { status, fullName } of assertionResults) {
        if (status === 'pending' || status === 'skipped' || status === 'todo') console.log(`Skipped: ${fullName}`);
      }
    }
    // A file that could not be loaded holds no failed test, and yet it failed; so does an error outside of any test.
    const failed = numFailedTests > 0 ? numFailedTests : Math.max(numFailedTestSuites, status === 0 ? 0 : 1);
    return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

setUp();
const bin = (/** @type {string} */ name) => join(root, 'node_modules', '.bin', name);
const checks = [
  ensureChromium(),
  step('Checking format and lint', [bin('biome'), 'check', '--error-on-warnings', '.']),
  step('Checking types', [bin('tsc'), '--noEmit', '-p', 'tsconfig.json']),
];
const tests = runTests();
const passed = tests.passed + checks.filter(Boolean).length;
const failed = tests.failed + checks.filter((ok) => !ok).length;
console.log(`${passed} passed, ${failed} failed, ${tests.skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
