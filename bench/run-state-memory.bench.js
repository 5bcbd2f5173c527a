// @ts-check
// The resident memory of a process that reads the state of a run with a long feed, and does nothing else.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { report, temporaryFolder } from './measure.js';
import { writeFeed } from './write-feed.js';

const folder = temporaryFolder();
writeFeed(folder, 1_000_000);
const { stdout } = spawnSync(
  process.execPath,
  [
    '--input-type=module',
    '--eval',
    `import { readRunState } from '@kai/run-state';
     const { trajectory } = await readRunState(process.argv[1]);
     // maxRSS: kilobytes, the most that it ever was.
     console.log(JSON.stringify({ count: trajectory.count, bytes: 1024 * process.resourceUsage().maxRSS }));`,
    folder,
  ],
  { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
);
const { count, bytes } = JSON.parse(stdout);
report({
  what: 'RunState of a feed of 1,000,000 records: resident memory at its peak',
  mustBe: 'under 200 MB',
  measured: `${Math.round(bytes / 1e6)} MB`,
  ok: count === 1_000_000 && bytes < 200e6,
});
