import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { listenForStop, type SignalSource } from './stop-requests.ts';

function setUp() {
  const source = new EventEmitter();
  let nowMs = 0;
  let exits = 0;
  const requests = listenForStop({ source: source as SignalSource, nowMs: () => nowMs, exitNow: () => exits++ });
  return {
    requests,
    source,
    exits: () => exits,
    press(signal: NodeJS.Signals, atMs: number) {
      nowMs = atMs;
      source.emit(signal, signal);
      return [requests.stop.aborted, requests.abort.aborted];
    },
  };
}

test('the first Ctrl-C stops in order, the second at once, the third exits', () => {
  const { press, exits } = setUp();
  expect(press('SIGINT', 0)).toEqual([true, false]);
  expect(press('SIGINT', 1000)).toEqual([true, true]);
  expect(exits()).toBe(0);
  press('SIGINT', 2000);
  expect(exits()).toBe(1);
});

test('the same key press that a package manager passes on counts once', () => {
  const { press } = setUp();
  expect(press('SIGINT', 0)).toEqual([true, false]);
  expect(press('SIGINT', 250)).toEqual([true, false]);
  expect(press('SIGINT', 400)).toEqual([true, true]);
});

test('SIGTERM and SIGHUP act as Ctrl-C', () => {
  expect(setUp().press('SIGTERM', 0)).toEqual([true, false]);
  expect(setUp().press('SIGHUP', 0)).toEqual([true, false]);
});

test('after close nothing is listened to', () => {
  const { requests, source } = setUp();
  requests.close();
  expect(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => source.listenerCount(signal))).toEqual([0, 0, 0]);
});
