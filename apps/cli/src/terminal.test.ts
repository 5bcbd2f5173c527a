import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { type OutputStream, Terminal } from './terminal.ts';

function stream(facts: { isTTY?: boolean; columns?: number }) {
  let written = '';
  const output = Object.assign(new EventEmitter(), facts, {
    write(text: string) {
      written += text;
    },
  });
  return { output: output as unknown as OutputStream & EventEmitter, written: () => written };
}

test('without a terminal only lines are written, without escape sequences', () => {
  const { output, written } = stream({});
  const terminal = new Terminal(output, { env: {} });
  terminal.draw(['progress']);
  terminal.hideCursor();
  terminal.line(terminal.paint('red', 'a line'));
  terminal.settle({ keep: true });
  expect(written()).toBe('a line\n');
});

test('NO_COLOR leaves the redrawing and takes the colours', () => {
  const { output } = stream({ isTTY: true });
  const terminal = new Terminal(output, { env: { NO_COLOR: '1' } });
  expect(terminal.live).toBe(true);
  expect(terminal.paint('red', 'a')).toBe('a');
});

test('a dumb terminal is written to like a pipe', () => {
  expect(new Terminal(stream({ isTTY: true }).output, { env: { TERM: 'dumb' } }).live).toBe(false);
});

test('a line is written above the area, which is drawn again below it', () => {
  const { output, written } = stream({ isTTY: true, columns: 40 });
  const terminal = new Terminal(output, { env: {} });
  terminal.draw(['one', 'two']);
  terminal.line('said');
  expect(written()).toBe('one\ntwo\r\x1b[1A\x1b[Jsaid\none\ntwo');
});

test('an area that has not changed is not drawn again', () => {
  const { output, written } = stream({ isTTY: true });
  const terminal = new Terminal(output, { env: {} });
  terminal.draw(['same']);
  terminal.draw(['same']);
  expect(written()).toBe('same');
});

test('rows that a narrower window wrapped are erased too', () => {
  const { output, written } = stream({ isTTY: true, columns: 10 });
  const terminal = new Terminal(output, { env: {} });
  terminal.draw(['123456789012345']);
  terminal.settle({ keep: false });
  expect(written()).toBe('123456789012345\r\x1b[1A\x1b[J');
});

test('when nobody reads any more, writing does nothing', () => {
  const { output, written } = stream({});
  const terminal = new Terminal(output, { env: {} });
  output.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  terminal.line('unheard');
  expect(terminal.closed.aborted).toBe(true);
  expect(written()).toBe('');
});
