import { expect, test } from 'vitest';
import { halfway } from './fixtures/run-state.ts';
import { frame } from './frame.ts';
import { stateJson } from './state-json.ts';
import { stateLine } from './state-line.ts';
import { textWidth } from './text-width.ts';

const now = 1050;

test('a live run at 80 columns: badge, pace, best, curve, slots, last improvements', () => {
  expect(frame(halfway(), { width: 80, height: 16, now }).join('\n')).toMatchInlineSnapshot(`
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
  const lines = frame(halfway(), { width: 40, height: 20, now });
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
  expect(frame(halfway(), { width: 80, height: 5, now })).toHaveLength(4);
  expect(frame(halfway(), { width: 80, height: 1, now })).toHaveLength(1);
});

test('a run that has not begun has a header and no curve', () => {
  const { trajectory } = halfway();
  const empty = { ...trajectory, iteration: 0, count: 0, failed: 0, best: null, improvements: [], samples: [] };
  const state = halfway({ trajectory: empty, iteration: 0, best: null, failed: 0, inFlight: [], updatedAt: null });
  expect(frame(state, { width: 60, height: 10, now })).toEqual([
    'circle-packing / run 3  ● live',
    '···················· 0/100  50 s elapsed',
    'best –',
  ]);
});

test('a failed run says why, without the escape sequences of its message', () => {
  const state = halfway({ status: 'failed', active: false, stopReason: 'error', error: '\x1b[31mno\nscore' });
  const lines = frame(state, { width: 80, height: 24, now });
  expect(lines[0]).toBe('circle-packing / run 3  ● failed (error)');
  expect(lines).toContain('no ⏎ score');
});

test('an interrupted run says how to go on', () => {
  const state = halfway({ status: 'interrupted', active: false });
  expect(frame(state, { width: 80, height: 24, now })).toContain('Its process is gone. "kai resume" continues it.');
});

test('calls, cost and calls without a price are shown where there are any', () => {
  const state = halfway({ calls: 1234, cost: 0.5, unpricedCalls: 2 });
  expect(frame(state, { width: 120, height: 24, now })[2]).toContain(
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
