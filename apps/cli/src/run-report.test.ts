import { EventEmitter } from 'node:events';
import type { EvolutionEvent } from '@kai/evolution';
import { expect, test } from 'vitest';
import { RunReport } from './run-report.ts';
import { type OutputStream, Terminal } from './terminal.ts';

function setUp({ maxIterations = 20 } = {}) {
  const lines: string[] = [];
  const warned: string[] = [];
  const output = Object.assign(new EventEmitter(), { write: (text: string) => lines.push(text.trimEnd()) });
  let at = 0;
  const terminal = new Terminal(output as unknown as OutputStream, { env: {} });
  const report = new RunReport({ terminal, maxIterations, warn: (line) => warned.push(line), now: () => at });
  return { report, lines, warned, wait: (seconds: number) => (at += seconds) };
}

let best: number | null = null;
function iteration(iter: number, score: number | null, changes: string | null = null): EvolutionEvent {
  const isNewBest = score !== null && (best === null || iter === 0 || score > best);
  if (isNewBest) best = score;
  const record = {
    iter,
    id: `p${iter}`,
    parentId: null,
    inspirationIds: [],
    island: 0,
    generation: 0,
    model: iter === 0 ? null : 'offline/step',
    code: null,
    changes,
    metrics: {},
    score,
    error: null,
    artifacts: {},
    proposeSeconds: null,
    queueSeconds: null,
    evaluateSeconds: null,
    worker: null,
    costUsd: null,
    ts: 0,
  };
  return { type: 'iteration', record, best, isNewBest, completed: iter };
}

test('each improvement is one line with iteration, score, gain and what changed', () => {
  const { report, lines } = setUp();
  report.hear(iteration(0, 1));
  report.hear(iteration(1, 0.5, 'a → b'));
  report.hear(iteration(2, 1.25, 'x = 1 → x = 2'));
  expect(lines).toEqual([
    ' #0  1                      initial program',
    ' #2  1.25       +0.25       offline/step  x = 1 → x = 2',
  ]);
});

test('what changed cannot bring escape sequences or line breaks to the terminal', () => {
  const { report, lines } = setUp();
  report.hear(iteration(0, 1));
  report.hear(iteration(1, 2, '\x1b[2Jx\ny'));
  expect(lines[1]).toBe(' #1  2          +1          offline/step  x ⏎ y');
});

test('a warning is said once, on standard error, and kept for the end', () => {
  const { report, lines, warned } = setUp();
  report.hear({ type: 'problem', message: 'The disk is full.' });
  report.hear({ type: 'problem', message: 'The disk is full.' });
  expect(warned).toEqual(['warning: The disk is full.']);
  expect(lines).toEqual([]);
  expect(report.warnings).toEqual(['The disk is full.']);
});

test('without a terminal progress is a line every tenth of the run and every ten seconds', () => {
  const { report, lines, wait } = setUp();
  report.hear(iteration(0, 1));
  lines.length = 0;
  report.tick();
  expect(lines).toEqual([]);
  wait(1);
  report.hear(iteration(2, 0.1));
  report.tick();
  report.hear(iteration(5, 0.1));
  report.tick();
  report.tick();
  wait(10);
  report.tick();
  expect(lines).toEqual([
    '2/20 (10 %)  2.00/s  best 1',
    '5/20 (25 %)  5.00/s  3 s left  best 1',
    '5/20 (25 %)  27.3/min  33 s left  best 1',
  ]);
});

test('failed iterations are counted', () => {
  const { report } = setUp();
  report.hear(iteration(0, 1));
  report.hear(iteration(1, null));
  expect(report.failed).toBe(1);
});
