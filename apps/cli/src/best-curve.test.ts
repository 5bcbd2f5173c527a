import { expect, test } from 'vitest';
import { bestCurve } from './best-curve.ts';

const point = (iter: number, score: number) => ({ iter, score, programId: null, ts: iter });

test('the best so far climbs at the iterations that improved it', () => {
  const curve = bestCurve(
    { improvements: [point(0, 1), point(5, 2), point(15, 4)], iteration: 19 },
    { width: 40, height: 4 },
  );
  expect(curve.join('\n')).toMatchInlineSnapshot(`
    "4┤             ╭────
    3┤             │
    2┤   ╭─────────╯
    1┼────╯"
  `);
});

test('a falling best is drawn when lower is better', () => {
  const curve = bestCurve({ improvements: [point(0, 4), point(10, 1)], iteration: 19 }, { width: 40, height: 4 });
  expect(curve[0]).toContain('4┼');
  expect(curve.at(-1)).toMatch(/╰─+$/);
});

test('one score is a flat line; no score, or no room, is no curve', () => {
  expect(bestCurve({ improvements: [point(0, 7)], iteration: 0 }, { width: 40, height: 4 })).toEqual(['7┼─']);
  expect(bestCurve({ improvements: [], iteration: 9 }, { width: 40, height: 4 })).toEqual([]);
  expect(bestCurve({ improvements: [point(0, 7)], iteration: 0 }, { width: 8, height: 4 })).toEqual([]);
  expect(bestCurve({ improvements: [point(0, 7)], iteration: 0 }, { width: 40, height: 1 })).toEqual([]);
});

test('rounding adds at most one row to the height that was asked for', () => {
  const improvements = [point(0, -1e6), point(1, 0.5), point(2, 1e6)];
  expect(bestCurve({ improvements, iteration: 99 }, { width: 60, height: 5 }).length).toBeLessThanOrEqual(6);
});
