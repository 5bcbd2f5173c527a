import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

test('the first version is sent whole', () => {
  expect(new Pace().next(1, 0)).toEqual({ send: 'all' });
});

test('numbers follow at most every 100 ms, the chart at most every 500 ms', () => {
  const pace = new Pace();
  pace.sent('all', 1, 1000);
  expect(pace.next(2, 1040)).toEqual({ waitMs: 60 });
  expect(pace.next(2, 1100)).toEqual({ send: 'numbers' });
  pace.sent('numbers', 2, 1100);
  expect(pace.next(3, 1200)).toEqual({ send: 'numbers' });
  expect(pace.next(3, 1500)).toEqual({ send: 'all' });
});

test('a chart that was held back is sent although nothing changes any more', () => {
  const pace = new Pace();
  pace.sent('all', 1, 1000);
  pace.sent('numbers', 2, 1100);
  expect(pace.next(2, 1200)).toEqual({ waitMs: 300 });
  expect(pace.next(2, 1500)).toEqual({ send: 'all' });
});

test('a quiet connection gets a sign of life after 15 s', () => {
  const pace = new Pace();
  pace.sent('all', 1, 1000);
  expect(pace.next(1, 2000)).toEqual({ waitMs: 14_000 });
  expect(pace.isQuiet(15_999)).toBe(false);
  expect(pace.isQuiet(16_000)).toBe(true);
  pace.beat(16_000);
  expect(pace.isQuiet(16_001)).toBe(false);
});

test('a thousand changes in a second make ten messages and two charts', () => {
  const pace = new Pace();
  const sent: string[] = [];
  for (let now = 0; now < 1000; now++) {
    const step = pace.next(now, now);
    if (!('send' in step)) continue;
    pace.sent(step.send, now, now);
    sent.push(step.send);
  }
  expect(sent).toHaveLength(10);
  expect(sent.filter((what) => what === 'all')).toHaveLength(2);
});
