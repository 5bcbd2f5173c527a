import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type JsonlLine, JsonlTail } from './jsonl.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kai-tail-'));
  path = join(dir, 'lines.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Reads what is new; a reset is shown as the word. */
async function read(tail: JsonlTail): Promise<string[]> {
  const seen: string[] = [];
  await tail.read({ onLine: ({ text }) => seen.push(text), onReset: () => seen.push('reset') });
  return seen;
}

test('each read delivers the whole lines that are new, and holds a torn last line back', async () => {
  const tail = new JsonlTail(path);
  expect(await read(tail)).toEqual([]);
  writeFileSync(path, 'a\nb\nto');
  expect(await read(tail)).toEqual(['a', 'b']);
  expect(tail.offset).toBe(4);
  expect(await read(tail)).toEqual([]);
  appendFileSync(path, 'rn\nc\n');
  expect(await read(tail)).toEqual(['torn', 'c']);
});

test('line, byteOffset and byteLength point at the text, with BOM, CRLF, blank lines and multi-byte characters', async () => {
  writeFileSync(path, '\uFEFF{"ü":1}\r\n\r\n  \n{"€":2}\n');
  const lines: JsonlLine[] = [];
  await new JsonlTail(path).read({ onLine: (line) => lines.push(line) });
  expect(lines).toEqual([
    { text: '{"ü":1}', line: 1, byteOffset: 3, byteLength: 8 },
    { text: '{"€":2}', line: 4, byteOffset: 18, byteLength: 9 },
  ]);
});

test('any chunk size delivers the same lines', async () => {
  writeFileSync(path, '\uFEFFä\r\n\n€€€\n𝄞x\r\nlonger than most chunks\nheld');
  const whole: JsonlLine[] = [];
  await new JsonlTail(path).read({ onLine: (line) => whole.push(line) });
  expect(whole.map(({ text }) => text)).toEqual(['ä', '€€€', '𝄞x', 'longer than most chunks']);
  for (let chunkBytes = 1; chunkBytes < 30; chunkBytes++) {
    const lines: JsonlLine[] = [];
    await new JsonlTail(path, { chunkBytes }).read({ onLine: (line) => lines.push(line) });
    expect(lines).toEqual(whole);
  }
});

test('a file cut at any byte and completed later delivers each line exactly once', async () => {
  const bytes = Buffer.from('\uFEFF{"a":"ü€"}\r\n\n{"b":"𝄞"}\n{"c":3}\n');
  for (let cut = 0; cut <= bytes.length; cut++) {
    writeFileSync(path, bytes.subarray(0, cut));
    const tail = new JsonlTail(path);
    const seen = await read(tail);
    appendFileSync(path, bytes.subarray(cut));
    expect([...seen, ...(await read(tail))]).toEqual(['{"a":"ü€"}', '{"b":"𝄞"}', '{"c":3}']);
  }
});

test('a truncated, replaced, rewritten or deleted file is read again from its start, after onReset', async () => {
  const tail = new JsonlTail(path);
  writeFileSync(path, 'a1\na2\na3\n');
  await read(tail);
  truncateSync(path, 3);
  expect(await read(tail)).toEqual(['reset', 'a1']);

  writeFileSync(join(dir, 'new'), 'a1\nb2\n');
  renameSync(join(dir, 'new'), path);
  expect(await read(tail)).toEqual(['reset', 'a1', 'b2']);

  writeFileSync(path, 'c1\nc2\nc3\n');
  expect(await read(tail)).toEqual(['reset', 'c1', 'c2', 'c3']);

  rmSync(path);
  expect(await read(tail)).toEqual(['reset']);
  expect(await read(tail)).toEqual([]);
  writeFileSync(path, 'c1\nc2\nc3\n');
  expect(await read(tail)).toEqual(['c1', 'c2', 'c3']);

  truncateSync(path, 0);
  expect(await read(tail)).toEqual(['reset']);
  appendFileSync(path, 'd1\n');
  expect(await read(tail)).toEqual(['d1']);
});

test('startOffset goes on where an earlier tail ended, unless the file is another one by then', async () => {
  writeFileSync(path, 'a\nb\n');
  const earlier = new JsonlTail(path);
  await read(earlier);
  appendFileSync(path, 'c\n');
  expect(await read(new JsonlTail(path, { startOffset: earlier.offset }))).toEqual(['c']);
  writeFileSync(path, 'rewritten\n');
  expect(await read(new JsonlTail(path, { startOffset: earlier.offset }))).toEqual(['reset', 'rewritten']);
});

test('an onLine that throws ends the read, and the next one goes on after that line', async () => {
  writeFileSync(path, 'a\nb\r\n\nc\n');
  const tail = new JsonlTail(path);
  const onLine = ({ text }: JsonlLine) => {
    if (text === 'b') throw new Error('no b');
  };
  await expect(tail.read({ onLine })).rejects.toThrow('no b');
  const rest: JsonlLine[] = [];
  await tail.read({ onLine: (line) => rest.push(line) });
  expect(rest).toEqual([{ text: 'c', line: 4, byteOffset: 6, byteLength: 1 }]);
});

test('reads of one tail at the same time wait for each other', async () => {
  writeFileSync(path, 'a\nb\n');
  const tail = new JsonlTail(path);
  expect(await Promise.all([read(tail), read(tail)])).toEqual([['a', 'b'], []]);
});

test('bytes that are not UTF-8 do not harm the lines around them', async () => {
  writeFileSync(path, Buffer.concat([Buffer.from('a\n"'), Buffer.from([0xff, 0xc3]), Buffer.from('"\nb\n')]));
  expect(await read(new JsonlTail(path))).toEqual(['a', '"\uFFFD\uFFFD"', 'b']);
});

test('a line of 10 MB is delivered whole', async () => {
  writeFileSync(path, `a\n${'x'.repeat(10_000_000)}\nb\n`);
  expect((await read(new JsonlTail(path))).map(({ length }) => length)).toEqual([1, 10_000_000, 1]);
});

test('an abort ends the read between two chunks, and the next read goes on there', async () => {
  writeFileSync(path, 'a\nb\nc\n');
  const tail = new JsonlTail(path, { chunkBytes: 2 });
  const controller = new AbortController();
  const seen: string[] = [];
  const onLine = ({ text }: JsonlLine) => {
    seen.push(text);
    controller.abort();
  };
  await tail.read({ onLine, signal: controller.signal });
  expect(seen).toEqual(['a']);
  expect(await read(tail)).toEqual(['b', 'c']);
});

test('a closed tail delivers nothing', async () => {
  writeFileSync(path, 'a\n');
  const tail = new JsonlTail(path);
  tail.close();
  expect(await read(tail)).toEqual([]);
});

test('a directory in the file’s place is an error', async () => {
  mkdirSync(path);
  await expect(read(new JsonlTail(path))).rejects.toMatchObject({ code: 'not-a-file', path });
});

test.each([
  ['longer', 30_000],
  ['shorter', 100],
  ['empty', 0],
])(
  'a file that is rewritten in place with %s content while it is read is read again from its start, after onReset',
  async (_, count) => {
    const lines = (name: string, length: number) =>
      Array.from({ length }, (_, i) => `${name} ${i} ${'x'.repeat(i % 50)}`);
    const text = (list: string[]) => list.map((line) => `${line}\n`).join('');
    const b = lines('b', count);
    writeFileSync(path, text(lines('a', 20_000)));
    const seen: string[] = [];
    const onLine = (line: JsonlLine) => {
      if (seen.push(line.text) === 10) writeFileSync(path, text(b));
    };
    await new JsonlTail(path).read({ onLine, onReset: () => seen.push('reset') });
    const reset = seen.indexOf('reset');
    expect(seen.slice(0, reset).every((line) => line.startsWith('a '))).toBe(true);
    expect(seen.slice(reset + 1)).toEqual(b);
  },
);

test('a line that changes while it is only half read is read again, without onReset', async () => {
  const long = 'x'.repeat(200);
  writeFileSync(path, `a\n${long}\nb\n`);
  const tail = new JsonlTail(path, { chunkBytes: 50 });
  const seen: string[] = [];
  const onReset = () => seen.push('reset');
  for await (const lines of tail.batches({ onReset })) {
    if (seen.push(...lines.map(({ text }) => text)) === 1) writeFileSync(path, `a\n${long.replaceAll('x', 'y')}\nb\n`);
  }
  expect(seen).toEqual(['a', 'y'.repeat(200), 'b']);
});
