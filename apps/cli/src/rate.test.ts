import { expect, test } from 'vitest';
import { halfway } from './fixtures/run-state.ts';
import { RateMeter, recentRate, secondsLeft } from './rate.ts';

test('nothing completed means no rate', () => {
  const meter = new RateMeter();
  meter.add(100, 0);
  expect(meter.perSecond(105)).toBeNull();
});

test('the rate is that of the last window, not of the whole run', () => {
  const meter = new RateMeter({ windowSeconds: 10 });
  for (let second = 0; second <= 100; second++) meter.add(second, second * 10);
  for (let second = 101; second <= 140; second++) meter.add(second, 1000 + (second - 100) * 2);
  expect(meter.perSecond(140)).toBeCloseTo(2, 0);
});

test('a slow run is measured over its last ten iterations, however long they took', () => {
  const meter = new RateMeter({ windowSeconds: 10 });
  for (let iteration = 0; iteration <= 8; iteration++) meter.add(iteration * 300, iteration);
  expect(meter.perSecond(2400)).toBeCloseTo(1 / 300);
});

test('the rate of a recorded run comes from its samples, and falls when nothing more comes', () => {
  const { trajectory } = halfway();
  expect(recentRate(trajectory)).toBeCloseTo(1);
  expect(recentRate(trajectory, 1100)).toBeCloseTo(0.5);
  expect(recentRate({ samples: [] })).toBeNull();
});

test('time left needs a limit and a rate', () => {
  const measured = 50;
  expect(secondsLeft({ iteration: 50, maxIterations: 100 }, { perSecond: 2, measured })).toBe(25);
  expect(secondsLeft({ iteration: 50, maxIterations: null }, { perSecond: 2, measured })).toBeNull();
  expect(secondsLeft({ iteration: 50, maxIterations: 100 }, { perSecond: null, measured })).toBeNull();
});

test('the first four iterations say nothing of the time that is left', () => {
  const run = { iteration: 4, maxIterations: 100 };
  expect(secondsLeft(run, { perSecond: 0.001, measured: 4 })).toBeNull();
  expect(secondsLeft(run, { perSecond: 0.001, measured: 5 })).toBe(96_000);
});
