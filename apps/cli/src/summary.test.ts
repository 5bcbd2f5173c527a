import type { EvolutionResult } from '@kai/evolution';
import { expect, test } from 'vitest';
import { comparison, type RunSummary, summaryLines } from './summary.ts';

const result: EvolutionResult = {
  status: 'finished',
  stopReason: 'max_iterations',
  error: null,
  completed: 1000,
  initialScore: 1,
  best: { id: 'b', score: 2.541, code: '', metrics: {}, iteration: 871 },
};

const summary: RunSummary = {
  result,
  direction: 'maximize',
  referenceScores: { best_known: 2.636 },
  targetScore: null,
  sessionIterations: 1000,
  seconds: 50,
  failed: 112,
  bestPath: 'runs/a/run_0/best/best_program.js',
  warnings: [],
  initialFailure: null,
  next: [
    { command: 'kai viewer', does: 'look at it' },
    { command: 'kai resume runs/a/run_0', does: 'go on' },
  ],
};

test('the end says why, how good it is, how that compares, where the best is, and what to type next', () => {
  expect(summaryLines(summary)).toEqual([
    'Finished: all iterations are done (1,000 iterations, 50 s, 20.0/s, 112 failed).',
    "Best score 2.541 at iteration 871: +1.54 (+154.1 %) over the initial program's 1.",
    '  96.4 % of best known 2.636',
    'Best program: runs/a/run_0/best/best_program.js',
    'Next:',
    '  kai viewer               # look at it',
    '  kai resume runs/a/run_0  # go on',
  ]);
});

test('a failed run says its error, without escape sequences', () => {
  const failed: EvolutionResult = {
    ...result,
    status: 'failed',
    stopReason: 'error',
    error: 'No\x1b[2J way.',
    best: null,
  };
  expect(summaryLines({ ...summary, result: failed, bestPath: null, next: [], seconds: 0, failed: 1 })).toEqual([
    'Failed: No way (1,000 iterations, 0 s, 1 failed).',
  ]);
});

test('an initial program that failed: why, what it printed, where it is, and how to start again', () => {
  const failed: EvolutionResult = { ...result, status: 'failed', stopReason: 'error', error: 'No way.', best: null };
  const initialFailure = {
    reason: 'evaluate() threw TypeError: bad thing',
    output: 'TypeError: bad thing\n    at evaluate (file:///t/evaluator.js:1:35)\n    at run (node:internal/x:1:2)',
    path: 't/initial_program.js',
    rerun: 'pnpm kai run t --seed 5',
  };
  expect(summaryLines({ ...summary, result: failed, bestPath: null, next: [], initialFailure })).toEqual([
    'The initial program failed: evaluate() threw TypeError: bad thing',
    '  TypeError: bad thing',
    '      at evaluate (file:///t/evaluator.js:1:35)',
    'Correct t/initial_program.js, or the evaluator, and start a new run:',
    '  pnpm kai run t --seed 5',
  ]);
});

test('what was warned of on the way stands in the summary, the first three', () => {
  const lines = summaryLines({ ...summary, warnings: ['One.', 'Two.', 'Three.', 'Four.', 'Five.'], next: [] });
  expect(lines.slice(-4)).toEqual(['Warning: One.', 'Warning: Two.', 'Warning: Three.', '  and 2 other warnings']);
});

test('a run that found nothing better says so', () => {
  const flat: EvolutionResult = { ...result, best: { ...result.best!, score: 1, iteration: 0 } };
  expect(summaryLines({ ...summary, result: flat })[1]).toBe(
    'Best score 1 at iteration 0, that of the initial program: nothing better was found.',
  );
});

test('a reference is compared by share where both are positive, else by distance', () => {
  expect(comparison(2.7, { name: 'best known', score: 2.636, direction: 'maximize' })).toBe(
    '102.4 % of best known 2.636',
  );
  expect(comparison(3, { name: 'record', score: 2, direction: 'minimize' })).toBe(
    '150.0 % of record 2 (lower is better)',
  );
  expect(comparison(-3, { name: 'record', score: -2, direction: 'maximize' })).toBe('1 worse than record -2');
  expect(comparison(-3, { name: 'record', score: -2, direction: 'minimize' })).toBe('1 better than record -2');
  expect(comparison(2, { name: 'record', score: 2, direction: 'maximize' })).toBe('equal to record 2');
});
