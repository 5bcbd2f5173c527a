import { execFile, execFileSync } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FEED_FILE, type ProgressRecord, ProgressWriter, readProgress } from './index.ts';

let dir: string;
let runDir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kai-writer-'));
  runDir = join(dir, 'run');
  mkdirSync(runDir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const feed = () => join(runDir, FEED_FILE);
const record = (iter: number): ProgressRecord => ({
  iter,
  score: iter,
  best: iter,
  programId: null,
  model: null,
  ts: iter,
});
const iterations = async () => (await readProgress(runDir)).map(({ iter }) => iter);

function openWriter(directory = runDir) {
  const onError = vi.fn();
  return { onError, writer: new ProgressWriter(directory, { onError }) };
}

test.skipIf(process.platform !== 'linux')('a full disk drops records and reports once (needs Linux)', async () => {
  symlinkSync('/dev/full', feed());
  const { writer, onError } = openWriter();
  for (let iter = 0; iter < 3; iter++) writer.append(record(iter));
  await writer.close();
  expect(writer.dropped).toBe(3);
  expect(onError).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: 'write-failed', message: expect.stringContaining('ENOSPC') }),
  );
});

test.skipIf(!canMount())(
  'a disk that runs full inside a line: that line is sealed, and the feed goes on when there is space (needs root on Linux)',
  async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', runDir]);
    try {
      const { writer, onError } = openWriter();
      writeFileSync(join(runDir, 'ballast'), Buffer.alloc(4096));
      let iter = 0;
      while (writer.dropped === 0) writer.append(record(iter++));
      expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'short-write' }));
      writer.append(record(iter++));
      expect(writer.dropped).toBe(2);
      unlinkSync(join(runDir, 'ballast'));
      writer.append(record(iter));
      await writer.close();
      const onProblem = vi.fn();
      const read = await readProgress(runDir, { onProblem });
      expect(read.slice(-2).map((last) => last.iter)).toEqual([iter - 3, iter]);
      expect(onProblem).toHaveBeenCalledTimes(1);
      expect(onError).toHaveBeenCalledTimes(1);
    } finally {
      execFileSync('umount', [runDir]);
    }
  },
);

test('a run directory deleted under it drops records, until it is there again', async () => {
  const { writer, onError } = openWriter();
  writer.append(record(0));
  rmSync(runDir, { recursive: true });
  writer.append(record(1));
  writer.append(record(2));
  expect(writer.dropped).toBe(2);
  mkdirSync(runDir);
  writer.append(record(3));
  await writer.close();
  expect(writer.dropped).toBe(2);
  expect(await iterations()).toEqual([3]);
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'write-failed' }));
});

test('a directory that takes no files drops records and reports once', async () => {
  // Root may write in spite of permissions, but not into sysfs.
  const closed = process.getuid?.() === 0 ? '/sys/kernel' : runDir;
  if (closed === runDir) execFileSync('chmod', ['555', runDir]);
  const { writer, onError } = openWriter(closed);
  writer.append(record(0));
  writer.append(record(1));
  await writer.close();
  expect(writer.dropped).toBe(2);
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'write-failed' }));
});

test('a file in the place of the run directory drops records and reports once', async () => {
  writeFileSync(join(dir, 'file'), '');
  const { writer, onError } = openWriter(join(dir, 'file'));
  writer.append(record(0));
  await writer.close();
  expect(writer.dropped).toBe(1);
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'write-failed' }));
});

test('a directory in the feed’s place drops records, until it is gone', async () => {
  mkdirSync(feed());
  const { writer, onError } = openWriter();
  writer.append(record(0));
  writer.append(record(1));
  rmdirSync(feed());
  writer.append(record(2));
  await writer.close();
  expect(writer.dropped).toBe(2);
  expect(await iterations()).toEqual([2]);
  expect(onError).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ code: 'not-a-file', message: expect.stringContaining('found a directory') }),
  );
});

test.skipIf(process.platform === 'win32')(
  'a named pipe in the feed’s place does not block (needs named pipes)',
  async () => {
    execFileSync('mkfifo', [feed()]);
    const { writer, onError } = openWriter();
    writer.append(record(0));
    await writer.close();
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'not-a-file' }));
  },
);

test('a descriptor closed behind its back drops one record and reports once', async () => {
  const { writer, onError } = openWriter();
  writer.append(record(0));
  closeDescriptorOf(feed());
  writer.append(record(1));
  writer.append(record(2));
  closeDescriptorOf(feed());
  writer.append(record(3));
  await writer.close();
  expect(writer.dropped).toBe(2);
  expect(await iterations()).toEqual([0, 2]);
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'descriptor-lost' }));
});

test('a record whose line could not be read again is dropped and reported, and not written', async () => {
  const { writer, onError } = openWriter();
  for (const score of [undefined, '0.5', true]) writer.append({ ...record(0), score } as unknown as ProgressRecord);
  writer.append({ ...record(0), extra: { toJSON: () => 'x' } });
  writer.append(record(1));
  await writer.close();
  expect(writer.dropped).toBe(4);
  expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'bad-value' }));
  expect(readFileSync(feed(), 'utf8')).toBe('{"iter":1,"score":1,"best":1,"program_id":null,"model":null,"ts":1}\n');
});

test('a record that cannot be written, an append after close and an onError that throws do not throw', async () => {
  for (const onError of [
    () => Promise.reject(new Error('later')),
    () => {
      throw new Error('at once');
    },
  ]) {
    const writer = new ProgressWriter(runDir, { onError });
    writer.append({ ...record(0), iter: Number.NaN });
    writer.append({ ...record(0), extra: { big: 1n } });
    writer.append(undefined as unknown as ProgressRecord);
    await writer.close();
    await writer.close();
    writer.append(record(1));
    expect(writer.dropped).toBe(4);
  }
});

test('two processes that append 10,000 records each never mix their lines', async () => {
  const writer = compileSources();
  const script = `
    import { ProgressWriter } from ${JSON.stringify(writer)};
    const writer = new ProgressWriter(process.argv[1]);
    for (let iter = 0; iter < 10_000; iter++) {
      writer.append({ iter, score: iter, best: null, programId: process.argv[2].repeat(1 + (iter % 700)), model: null, ts: 0 });
    }
    await writer.close();
    console.log(writer.dropped);`;
  const run = (name: string) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, runDir, name]);
  const [a, b] = await Promise.all([run('a'), run('b')]);
  expect([a.stdout, b.stdout]).toEqual(['0\n', '0\n']);
  const onProblem = vi.fn();
  const records = await readProgress(runDir, { onProblem });
  expect(onProblem).not.toHaveBeenCalled();
  for (const name of ['a', 'b']) {
    const own = records.filter(({ programId }) => programId!.startsWith(name));
    expect(own.map(({ iter }) => iter)).toEqual(Array.from({ length: 10_000 }, (_, iter) => iter));
    expect(own.every(({ iter, programId }) => programId === name.repeat(1 + (iter % 700)))).toBe(true);
  }
});

function closeDescriptorOf(file: string): void {
  const { ino } = statSync(file);
  const fd = Array.from({ length: 4096 }, (_, candidate) => candidate).find((candidate) => inodeOf(candidate) === ino);
  closeSync(fd!);
}

function inodeOf(fd: number): number | null {
  try {
    return fstatSync(fd).ino;
  } catch {
    return null;
  }
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const probe = mkdtempSync(join(tmpdir(), 'kai-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(probe);
  }
}

/** This package's sources as JavaScript that plain node runs; returns the address of index. */
function compileSources(): string {
  const sources = dirname(fileURLToPath(import.meta.url));
  symlinkSync(join(sources, '..', 'node_modules'), join(dir, 'node_modules'));
  for (const name of readdirSync(sources).filter((file) => /^[^.]+\.ts$/.test(file))) {
    const { outputText } = ts.transpileModule(readFileSync(join(sources, name), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        rewriteRelativeImportExtensions: true,
      },
    });
    writeFileSync(join(dir, basename(name, '.ts').concat('.js')), outputText);
  }
  writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
  return pathToFileURL(join(dir, 'index.js')).href;
}
