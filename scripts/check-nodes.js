// @ts-check
// `node scripts/check-nodes.js`: the packed @kai/progress in an empty project, imported and used by Node 20, 22 and 24.
// The Nodes come from npm, so this asks the registry; the packages must be built.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installProgress, packProgress } from './packed-progress.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'kai-nodes-'));
let failed = 0;
try {
  const project = join(folder, 'project');
  await installProgress(project, await packProgress(folder));
  for (const version of ['20', '22', '24']) {
    const home = join(folder, `node-${version}`);
    mkdirSync(home);
    writeFileSync(join(home, 'package.json'), '{}');
    try {
      await run('npm', ['install', '--no-audit', '--no-fund', `node@${version}`], { cwd: home });
      const node = join(home, 'node_modules', 'node', 'bin', 'node');
      const { stdout: name } = await run(node, ['--version']);
      const { stdout } = await run(node, ['smoke.js'], { cwd: project });
      console.log(`${name.trim()}: ${stdout.trim()}`);
    } catch (error) {
      failed++;
      console.error(`Node ${version}: ${error instanceof Error ? error.message : error}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;
