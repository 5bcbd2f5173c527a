// @ts-check
/**
 * Kills evaluations that outlive kai. Started as `node guardian.js <scratch folder>` in a session of its own.
 *
 * Standard input comes from kai: `add <process group>` and `remove <process group>`, one per line. Its end means that
 * kai closed it or is gone, however it died: the kernel closes the pipe. Then every group still listed gets SIGKILL,
 * the scratch folder is removed, and the guardian ends.
 */
import { rmSync } from 'node:fs';

/** @type {Set<number>} */
const groups = new Set();
let rest = '';

/** @param {string} line */
function obey(line) {
  const [verb, group] = line.split(' ');
  if (verb === 'add') groups.add(Number(group));
  else groups.delete(Number(group));
}

function end() {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // Already gone.
    }
  }
  // Retries: a killed process may still be writing while the kernel takes it down.
  rmSync(/** @type {string} */ (process.argv[2]), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

// Only the end of the pipe ends it: `kill` of everything at shutdown must not reach the guardian before kai.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

process.stdin.setEncoding('utf8');
process.stdin.on('data', (/** @type {string} */ chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  lines.forEach(obey);
});
process.stdin.once('end', end);
process.stdin.once('error', end);
