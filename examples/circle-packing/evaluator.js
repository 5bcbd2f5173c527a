// Scores a packing of 26 circles in the unit square by the sum of their radii.
//
// The program runs in a process of its own and only what it prints counts: it cannot reach the code that judges it.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';

const CIRCLES = 26;
const TOLERANCE = 1e-9;
const TIMEOUT_MS = 5000;
const MAX_OUTPUT_BYTES = 64 * 1024;
/** The best known sum: AlphaEvolve (2025), appendix B.12. */
const BEST_KNOWN = 2.636;

// Node's permission model takes files, processes and threads away from the program. Its name changed with Node 22.13.
const permission = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';
const nodeFlags = [permission, '--no-warnings', '--max-old-space-size=256', '--input-type=commonjs', '-'];

/**
 * Runs a program that prints its circles as JSON, `[[x, y, radius], …]`, and measures them.
 *
 * Throws when the program fails or its packing is not valid, with the reason.
 *
 * @param {string} programPath
 * @param {{ timeoutMs?: number }} [options]
 */
export async function evaluate(programPath, { timeoutMs = TIMEOUT_MS } = {}) {
  const circles = readCircles(await run(await readFile(programPath, 'utf8'), timeoutMs));
  checkPacking(circles);
  const sum = circles.reduce((total, [, , radius]) => total + radius, 0);
  return { combined_score: sum, sum_radii: sum, target_ratio: sum / BEST_KNOWN };
}

/** What the code prints. It comes through standard input, so that the child needs to read no file. */
function run(code, timeoutMs) {
  return new Promise((resolve, reject) => {
    const options = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES, env: {}, cwd: tmpdir() };
    const child = execFile(process.execPath, nodeFlags, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
        reject(new Error(`The program printed more than ${MAX_OUTPUT_BYTES} bytes.`));
      } else if (error.killed) reject(new Error(`The program did not end within ${timeoutMs} ms.`));
      else reject(new Error(`The program crashed: ${reasonIn(stderr) ?? `exit ${error.code ?? error.signal}`}`));
    });
    // A child that dies at once closes the pipe; how it died is reported above.
    child.stdin.on('error', () => {});
    child.stdin.end(code);
  });
}

/** The line of a stack trace that says what went wrong. */
function reasonIn(stderr) {
  return stderr.split('\n').find((line) => /^(?:Uncaught )?\w*(?:Error|Exception)\b/.test(line));
}

function readCircles(output) {
  let circles;
  try {
    circles = JSON.parse(output);
  } catch {
    throw new Error(`The program must print its circles as JSON and nothing else; it printed ${excerpt(output)}.`);
  }
  if (!Array.isArray(circles) || circles.length !== CIRCLES) {
    const found = Array.isArray(circles) ? `${circles.length} circles` : excerpt(output);
    throw new Error(`Expected a list of ${CIRCLES} circles, found ${found}.`);
  }
  for (const [index, circle] of circles.entries()) {
    // JSON has no NaN and no infinity: JSON.stringify makes null of both.
    if (!Array.isArray(circle) || circle.length !== 3 || !circle.every(Number.isFinite)) {
      throw new Error(
        `Circle ${index} must be three finite numbers [x, y, radius], found ${excerpt(JSON.stringify(circle))}.`,
      );
    }
  }
  return circles;
}

function checkPacking(circles) {
  for (const [index, [x, y, radius]] of circles.entries()) {
    if (radius < 0) throw new Error(`Circle ${index} has the negative radius ${radius}.`);
    const beyond = radius - Math.min(x, y, 1 - x, 1 - y);
    if (beyond > TOLERANCE) throw new Error(`Circle ${index} reaches ${beyond.toPrecision(3)} beyond the square.`);
    for (const [other, [otherX, otherY, otherRadius]] of circles.slice(0, index).entries()) {
      const overlap = radius + otherRadius - Math.hypot(x - otherX, y - otherY);
      if (overlap > TOLERANCE) throw new Error(`Circles ${other} and ${index} overlap by ${overlap.toPrecision(3)}.`);
    }
  }
}

function excerpt(text) {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return short.trim() === '' ? 'nothing' : short.trim();
}
