import {
  appendFileSync,
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JsonlWriter } from './jsonl.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kai-jsonl-'));
  path = join(dir, 'lines.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const content = () => readFileSync(path, 'utf8');

test('each value is one line, with null for numbers that JSON does not have', async () => {
  await using writer = new JsonlWriter(path);
  writer.append({ a: Number.NaN, b: [Number.POSITIVE_INFINITY, 'ü\n'] });
  writer.append('x');
  expect(content()).toBe('{"a":null,"b":[null,"ü\\n"]}\n"x"\n');
});

test('nothing is created before the first append', () => {
  new JsonlWriter(path).close();
  expect(() => statSync(path)).toThrow('ENOENT');
});

test('a last line that a crash cut off is sealed', () => {
  writeFileSync(path, '{"a":1}\n{"a":');
  const writer = new JsonlWriter(path);
  writer.append({ a: 3 });
  writer.append({ a: 4 });
  writer.close();
  expect(content()).toBe('{"a":1}\n{"a":\n{"a":3}\n{"a":4}\n');
});

test('a line that another writer cut off between two appends is sealed', () => {
  const writer = new JsonlWriter(path);
  writer.append(1);
  appendFileSync(path, '{"a":');
  writer.append(2);
  appendFileSync(path, '3\n');
  writer.append(4);
  expect(content()).toBe('1\n{"a":\n2\n3\n4\n');
  truncateSync(path, 1);
  writer.append(5);
  writer.close();
  expect(content()).toBe('1\n5\n');
});

test.each([
  [undefined, 'found undefined'],
  [() => 1, 'found function'],
  [1n, 'BigInt'],
])('a value without a JSON form is refused and leaves the file alone (%#)', (value, found) => {
  const writer = new JsonlWriter(path);
  writer.append(1);
  expect(() => writer.append(value)).toThrow(
    expect.objectContaining({ code: 'bad-value', path, message: expect.stringContaining(found) }),
  );
  writer.close();
  expect(content()).toBe('1\n');
});

test('append after close is refused', () => {
  const writer = new JsonlWriter(path);
  writer.close();
  expect(() => writer.append(1)).toThrow(expect.objectContaining({ code: 'closed' }));
});

test('a missing directory is an error, and the append after it was made succeeds', () => {
  const writer = new JsonlWriter(join(dir, 'sub', 'lines.jsonl'));
  expect(() => writer.append(1)).toThrow(expect.objectContaining({ code: 'write-failed' }));
  mkdirSync(join(dir, 'sub'));
  writer.append(2);
  writer.close();
  expect(readFileSync(writer.path, 'utf8')).toBe('2\n');
});

test('a deleted or replaced file is opened again', () => {
  const writer = new JsonlWriter(path);
  writer.append(1);
  rmSync(path);
  writer.append(2);
  expect(content()).toBe('2\n');
  renameSync(path, `${path}.old`);
  writeFileSync(path, 'half');
  writer.append(3);
  writer.close();
  expect(content()).toBe('half\n3\n');
});

test('a descriptor closed behind its back fails one append, writes into nobody else’s file, and is opened again', () => {
  const writer = new JsonlWriter(path);
  writer.append(1);
  const fd = descriptorOf(path);
  closeSync(fd);
  const other = openSync(join(dir, 'other'), 'a+');
  expect(other).toBe(fd);
  expect(() => writer.append(2)).toThrow(expect.objectContaining({ code: 'descriptor-lost' }));
  writer.append(3);
  writer.close();
  expect(content()).toBe('1\n3\n');
  expect(fstatSync(other).size).toBe(0);
  closeSync(other);
});

test('beyond 1,000 appends in a second the path is looked at no more, until the next second', () => {
  let now = 0;
  const writer = new JsonlWriter(path, { now: () => now });
  for (let i = 0; i < 2000; i++) writer.append(i);
  rmSync(path);
  writer.append('unseen');
  expect(() => statSync(path)).toThrow('ENOENT');
  now = 1000;
  writer.append('seen');
  writer.close();
  expect(content()).toBe('"seen"\n');
});

test('lines of several writers in turn stay whole', () => {
  const writers = [new JsonlWriter(path), new JsonlWriter(path)];
  for (let i = 0; i < 4; i++) writers[i % 2]!.append(i);
  appendFileSync(path, '4\n');
  for (const writer of writers) writer.close();
  expect(content()).toBe('0\n1\n2\n3\n4\n');
});

function descriptorOf(file: string): number {
  const { ino } = statSync(file);
  for (let fd = 3; fd < 4096; fd++) {
    try {
      if (fstatSync(fd).ino === ino) return fd;
    } catch {}
  }
  throw new Error(`${file} is not open`);
}
