import { expect, test } from 'vitest';
import { halfway } from './fixtures/run-state.ts';
import { frame } from './frame.ts';
import { stateJson } from './state-json.ts';
import { stateLine } from './state-line.ts';
import { textWidth } from './text-width.ts';

const now = 1050;
const resumeCommand = 'pnpm kai resume runs/circle-packing/run_3';

test('a live run at 80 columns: badge, pace, best, curve, slots, last improvements', () => {
  expect(frame(halfway(), { width: 80, height: 16, now, resumeCommand }).join('\n')).toMatchInlineSnapshot(`
    "circle-packing / run 3  ● live  last iteration 0 s ago
    ██████████·········· 50/100  1.00/s  50 s left  50 s elapsed
    best 1.934214 (+0.934, +93.4 % over 1)  5 failed (9.8 %)

    1.934214┤                                      ╭──────────
    1.747371┤                                      │
    1.560528┤        ╭─────────────────────────────╯
    1.373685┤        │
    1.186843┤        │
           1┼─────────╯

    slot 0  #51  evaluating 2 s
    #40  1.934214  +0.434
    #10  1.5  +0.5
    #0  1"
  `);
});

test('at 40 columns the same facts take more lines, and none is wider than the terminal', () => {
  const lines = frame(halfway(), { width: 40, height: 20, now, resumeCommand });
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "circle-packing / run 3  ● live
    ████▌···· 50/100  1.00/s  50 s left
    50 s elapsed
    best 1.934214 (+0.934, +93.4 % over 1)
    5 failed (9.8 %)

    1.934214┤                     ╭──────
    1.800754┤                     │
    1.667295┤                     │
    1.533836┤    ╭────────────────╯
    1.400377┤    │
    1.266918┤    │
    1.133459┤    │
           1┼─────╯

    slot 0  #51  evaluating 2 s
    #40  1.934214  +0.434
    #10  1.5  +0.5
    #0  1"
  `);
  expect(Math.max(...lines.map(textWidth))).toBeLessThan(40);
});

test('a frame never has more lines than the terminal, whatever its height', () => {
  expect(frame(halfway(), { width: 80, height: 5, now, resumeCommand })).toHaveLength(4);
  expect(frame(halfway(), { width: 80, height: 1, now, resumeCommand })).toHaveLength(1);
});

test('a run that has not begun has a header and no curve', () => {
  const { trajectory } = halfway();
  const empty = { ...trajectory, iteration: 0, count: 0, failed: 0, best: null, improvements: [], samples: [] };
  const state = halfway({ trajectory: empty, iteration: 0, best: null, failed: 0, inFlight: [], updatedAt: null });
  expect(frame(state, { width: 60, height: 10, now, resumeCommand })).toEqual([
    'circle-packing / run 3  ● live',
    '···················· 0/100  50 s elapsed',
    'best –',
  ]);
});

test('a failed run says why, without the escape sequences of its message', () => {
  const state = halfway({ status: 'failed', active: false, stopReason: 'error', error: '\x1b[31mno\nscore' });
  const lines = frame(state, { width: 80, height: 24, now, resumeCommand });
  expect(lines[0]).toBe('circle-packing / run 3  ● failed (error)');
  expect(lines).toContain('no ⏎ score');
});

test('a long error is wrapped, not cut', () => {
  const error =
    'The model failed 10 times in a row; the last time: it answered with an empty text and no reason for it.';
  const lines = frame(halfway({ status: 'failed', active: false, error }), {
    width: 60,
    height: 24,
    now,
    resumeCommand,
  });
  expect(lines).toEqual(
    expect.arrayContaining([
      'The model failed 10 times in a row; the last time: it',
      'answered with an empty text and no reason for it.',
    ]),
  );
});

test('an interrupted run says what shows it and how to go on, in words that can be typed', () => {
  const state = halfway({ status: 'interrupted', statusReason: 'process_gone', active: false });
  const lines = frame(state, { width: 80, height: 24, now, resumeCommand });
  expect(lines).toContain('Its process is gone.');
  expect(lines).toContain('To go on with it: pnpm kai resume runs/circle-packing/run_3');
});

test('an interrupted run of which nothing could be scored offers nothing to go on with', () => {
  const state = halfway({ status: 'interrupted', statusReason: 'process_gone', active: false, best: null });
  expect(frame(state, { width: 80, height: 24, now, resumeCommand }).join('\n')).not.toContain('resume');
});

test('calls, cost and calls without a price are shown where there are any', () => {
  const state = halfway({ calls: 1234, cost: 0.5, unpricedCalls: 2 });
  expect(frame(state, { width: 120, height: 24, now, resumeCommand })[2]).toContain(
    '1,234 calls  $0.50  2 calls without a known price',
  );
});

test('one line tells the same, for a pipe', () => {
  expect(stateLine(halfway(), { now })).toBe('live  50/100  1.00/s  50 s left  best 1.934214  5 failed');
});

test('the JSON of a run is snake_case and has the facts of live.json', () => {
  expect(stateJson(halfway(), { now })).toMatchObject({
    active: true,
    status: 'running',
    iteration: 50,
    max_iterations: 100,
    best: 1.9342135,
    failed: 5,
    calls: 0,
    cost: null,
    eta_seconds: 50,
    in_flight: [{ slot: 0, iter: 51, phase: 'evaluating', since: 1048 }],
    updated_at: 1050,
  });
});
