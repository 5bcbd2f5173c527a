import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from './evaluator.js';

const initialProgram = fileURLToPath(new URL('initial_program.js', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'circle-packing-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function evaluateCode(code: string, options?: { timeoutMs: number }): Promise<Record<string, number>> {
  const path = join(folder, 'program.js');
  await writeFile(path, code);
  return evaluate(path, options);
}

/** Prints a grid of 26 circles of radius 0.05, the first of which is replaced. */
const withFirst = (circle: string) => `
const circles = Array.from({ length: 26 }, (_, i) => [0.1 + 0.13 * (i % 6), 0.1 + 0.13 * Math.floor(i / 6), 0.05]);
circles[0] = ${circle};
console.log(JSON.stringify(circles));`;

describe('the circle packing evaluator', () => {
  it('scores the initial program at about 1.0, and says how far it is from the best known', async () => {
    const metrics = await evaluate(initialProgram);
    expect(metrics.combined_score).toBeCloseTo(0.973, 3);
    expect(metrics.sum_radii).toBe(metrics.combined_score);
    expect(metrics.target_ratio).toBeCloseTo(0.973 / 2.636, 3);
  });

  it('scores a valid packing by the sum of its radii', async () => {
    const metrics = await evaluateCode(withFirst('[0.1, 0.1, 0.08]'));
    expect(metrics.combined_score).toBeCloseTo(25 * 0.05 + 0.08, 12);
  });

  it('accepts an overlap below the tolerance only', async () => {
    await expect(evaluateCode(withFirst('[0.1, 0.1, 0.08 + 5e-10]'))).resolves.toBeDefined();
    await expect(evaluateCode(withFirst('[0.1, 0.1, 0.08 + 2e-9]'))).rejects.toThrow(
      'Circles 0 and 1 overlap by 2.00e-9',
    );
  });

  it.each([
    ['an overlap', withFirst('[0.15, 0.1, 0.05]'), 'Circles 0 and 1 overlap by 0.0200'],
    ['a circle outside', withFirst('[0.02, 0.02, 0.05]'), 'Circle 0 reaches 0.0300 beyond the square'],
    ['a negative radius', withFirst('[0.1, 0.1, -0.1]'), 'Circle 0 has the negative radius -0.1'],
    [
      'NaN',
      withFirst('[NaN, 0.1, 0.01]'),
      'Circle 0 must be three finite numbers [x, y, radius], found [null,0.1,0.01]',
    ],
    ['infinity', 'console.log("[" + Array(26).fill("[0.5,0.5,1e999]") + "]")', 'Circle 0 must be three finite numbers'],
    ['a text in place of a number', withFirst('[0.1, 0.1, "0.01"]'), 'Circle 0 must be three finite numbers'],
    [
      '25 circles',
      'console.log(JSON.stringify(Array(25).fill([0.5, 0.5, 0])))',
      'Expected a list of 26 circles, found 25',
    ],
    ['no list', 'console.log(\'{"sum_radii": 9}\')', 'Expected a list of 26 circles, found {"sum_radii": 9}'],
    ['garbage', 'console.log("hello")', 'it printed hello'],
    ['no output', '', 'it printed nothing'],
    ['a crash', 'throw new TypeError("no circles today")', 'The program crashed: TypeError: no circles today'],
    ['a syntax error', 'const = 1', 'The program crashed: SyntaxError'],
    ['an exit code', 'process.exit(7)', 'The program crashed: exit 7'],
    [
      'endless output',
      'setInterval(() => console.log("x".repeat(10_000)), 0)',
      'The program printed more than 65536 bytes',
    ],
    // Node keeps what a busy loop prints in memory; which limit ends it first differs between versions of Node.
    ['endless output without a pause', 'for (;;) console.log("x".repeat(1000))', 'The program'],
    ['reading a file', 'require("fs").readFileSync("/etc/hosts")', 'The program crashed: Error: Access to this API'],
    [
      'starting a process',
      'require("child_process").execSync("true")',
      'The program crashed: Error: Access to this API',
    ],
  ])('fails with a reason: %s', async (_, code, reason) => {
    await expect(evaluateCode(code)).rejects.toThrow(reason);
  });

  it('stops a program that never ends', async () => {
    await expect(evaluateCode('for (;;) {}', { timeoutMs: 300 })).rejects.toThrow('did not end within 300 ms');
  });
});

describe('the initial program', () => {
  it('has its coordinates and its radius rule between the markers', async () => {
    const text = await readFile(initialProgram, 'utf8');
    const [, block] = text.split(/^.*EVOLVE-BLOCK-(?:START|END).*$/m);
    expect(block!.match(/^ {2}\[[\d.]+, [\d.]+\],$/gm)).toHaveLength(26);
    expect(block).toContain('function growRadii');
  });
});
