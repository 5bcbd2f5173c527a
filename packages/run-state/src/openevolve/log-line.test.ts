import { expect, test } from 'vitest';
import { parseLogLine, parseLogMetrics } from './log-line.ts';

const event = (message: string) =>
  parseLogLine(`2026-06-06 15:56:20,562 - openevolve.process_parallel - INFO - ${message}`)?.event;

test('the time of a line is the reader’s local time', () => {
  const ts = new Date(2026, 5, 6, 15, 56, 20, 562).getTime() / 1000;
  expect(parseLogLine('2026-06-06 15:56:20,562 - root - DEBUG - text')).toEqual({ ts, event: { kind: 'other' } });
});

test('a line without time, logger and level continues the entry before it', () => {
  for (const line of ['Traceback (most recent call last):', '  File "a.py", line 1', '', '2026-06-06 oops']) {
    expect(parseLogLine(line)).toBeNull();
  }
});

test('an iteration of the present version', () => {
  expect(event('Iteration 12: Program f785-49 (parent: 1649-a26a) completed in 429.74s')).toEqual({
    kind: 'iteration',
    iter: 12,
    id: 'f785-49',
    parentId: '1649-a26a',
    seconds: 429.74,
    metrics: null,
  });
  expect(event('Iteration 0: Program a (parent: None) completed in 1.00s')).toMatchObject({ parentId: null });
});

test('an iteration of the versions before, on one line', () => {
  const metrics = 'value=0.5000, note=fast';
  const told = { kind: 'iteration', iter: 3, id: 'b', parentId: 'a', seconds: 2.25, metrics };
  expect(event(`Iteration 3: Child b from parent a in 2.25s. Metrics: ${metrics} (Δ: value=+0.2500)`)).toEqual(told);
  expect(event(`Iteration 3: Child b from parent a in 2.25s. Metrics: ${metrics}`)).toEqual(told);
});

test('every way in which an iteration fails', () => {
  const failed = (message: string) => event(message) as { iter: number; message: string };
  expect(failed('Iteration 7 error: LLM generation failed: 429')).toMatchObject({
    kind: 'failed',
    iter: 7,
    message: 'LLM generation failed: 429',
  });
  expect(failed('Iteration 7: No valid code found in response').message).toBe('No valid code found in response');
  expect(failed('Iteration 7: Generated code exceeds maximum length (9 > 8)').message).toMatch(/^Generated code/);
  expect(failed('⏰ Iteration 7 timed out after 330s (evaluator timeout: 300s + 30s buffer).').message).toBe(
    'timed out after 330s',
  );
  expect(failed('Error processing result from iteration 7: the pool is broken').iter).toBe(7);
  expect(failed('Error in iteration 7: oops').iter).toBe(7);
});

test('a worker’s error is said again by its parent, so that it is not counted twice', () => {
  expect(event('Error in worker iteration 7')).toEqual({ kind: 'other' });
});

test('the cell of a program names its island and the feature dimensions', () => {
  const told = { kind: 'cell', island: 1, dimensions: ['complexity', 'diversity'] };
  expect(event("New MAP-Elites cell occupied in island 1: {'complexity': 4, 'diversity': 0}")).toEqual(told);
  expect(
    event("Island 1 MAP-Elites cell improved: {'complexity': 4, 'diversity': 0} (fitness: 0.100 -> 0.200)"),
  ).toEqual(told);
});

test('the last iteration that is planned, which older versions count from 1', () => {
  expect(event('Starting process-based evolution from iteration 1 for 50 iterations (total: 51)')).toEqual({
    kind: 'plan',
    lastIteration: 50,
  });
  expect(event('Starting evolution from iteration 0 for 50 iterations (total: 50)')).toEqual({
    kind: 'plan',
    lastIteration: 50,
  });
});

test('metrics of the log are numbers, what is not finite, and texts', () => {
  expect(parseLogMetrics('a=0.1250, b c=-2.0000, n=nan, i=-inf, t=None, error=bad value: x=1, y, z=3.0000')).toEqual({
    a: 0.125,
    'b c': -2,
    n: Number.NaN,
    i: Number.NEGATIVE_INFINITY,
    t: 'None',
    error: 'bad value: x=1, y',
    z: 3,
  });
  expect(parseLogMetrics('')).toEqual({});
});
