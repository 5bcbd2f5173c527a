import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FEED_FILE, followProgress, type ProgressProblem, ProgressWriter, readProgress } from './index.ts';

const modules = fileURLToPath(new URL('../python', import.meta.url));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'kai-python-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const environment = { ...process.env, PYTHONPATH: modules, PYTHONDONTWRITEBYTECODE: '1' };

/** Runs Python with `kai_progress` at hand and the run directory as sys.argv[1]; resolves with what it prints. */
async function python(source: string, runDir = join(dir, 'run')): Promise<string> {
  const script = `import sys, kai_progress\nfrom kai_progress import Run\n${source}`;
  return (await promisify(execFile)('python3', ['-c', script, runDir], { env: environment })).stdout.trim();
}

const python3 = findPython();
if (python3 === null) console.log('Skipped the tests of kai_progress.py: there is no python3 on this machine.');

describe.skipIf(python3 === null)('kai_progress.py (needs python3)', () => {
  test('what it wrote is what readProgress reads, with null for NaN and infinities anywhere', async () => {
    await python(`
with Run(sys.argv[1]) as run:
    run.append(0, 1, program_id='ü"\\n', model='m', ts=5)
    run.append(1, float('nan'), ts=6, metrics={'a': float('inf'), 'b': [1, True, None, 'x']})
    run.append(2, float('-inf'), ts=7)
    run.append(3, 0.1 + 0.2, ts=8, score_of=object)
    run.append(4, 10 ** 400, ts=9, best=99)`);
    const problems: ProgressProblem[] = [];
    const records = await readProgress(join(dir, 'run'), { onProblem: (problem) => problems.push(problem) });
    const none = { programId: null, model: null };
    expect(records).toEqual([
      { iter: 0, score: 1, best: 1, programId: 'ü"\n', model: 'm', ts: 5 },
      { iter: 1, score: null, best: 1, ...none, ts: 6, extra: { metrics: { a: null, b: [1, true, null, 'x'] } } },
      { iter: 2, score: null, best: 1, ...none, ts: 7 },
      { iter: 3, score: 0.1 + 0.2, best: 1, ...none, ts: 8, extra: { score_of: "<class 'object'>" } },
      { iter: 4, score: null, best: 1, ...none, ts: 9 },
    ]);
    expect(problems).toEqual([]);
  });

  test('minimize takes the lowest score as the best, and a resume takes the best from the feed', async () => {
    await python(`
with Run(sys.argv[1], direction='minimize') as run:
    for iter, score in enumerate([3, 2, 5]): run.append(iter, score)
with open(sys.argv[1] + '/progress.jsonl', 'a') as feed: feed.write('not a line\\n{"iter":3,"sco')
with Run(sys.argv[1], resume=True) as run:
    run.append(3, 4)
    run.append(4, 1)`);
    const problems: number[] = [];
    const records = await readProgress(join(dir, 'run'), { onProblem: ({ line }) => problems.push(line) });
    expect(records.map(({ iter, best }) => [iter, best])).toEqual([
      [0, 3],
      [1, 2],
      [2, 2],
      [3, 2],
      [4, 1],
    ]);
    expect(problems).toEqual([4, 5]);
  });

  test('append never raises: what cannot be written is counted, and reported once', async () => {
    const printed = await python(`
import os, shutil
errors = []
def on_error(error):
    errors.append(str(error))
    raise RuntimeError('a listener that fails')
class Odd:
    def __str__(self): raise ValueError('odd')
run = Run(sys.argv[1], on_error=on_error, heartbeat_seconds=100)
feed = sys.argv[1] + '/progress.jsonl'
run.append(0, 1)
for arguments in [(-1, 1), (1.5, 1), (None, 1), (1, 'high'), (1, {}), (2 ** 60, 1), (1, 1, Odd())]: run.append(*arguments)
run.append(1, 1, loop=(lambda loop: loop.append(loop) or loop)([]))
print(run.dropped, len(errors), errors[0].startswith('Could not append to'))
os.remove(feed); os.mkdir(feed)
run.append(2, 1)
os.rmdir(feed)
run.append(3, 1)
os.close(run._fd)
run.append(4, 1)
shutil.rmtree(sys.argv[1])
run.append(5, 1)
os.mkdir(sys.argv[1])
run.append(6, 1)
run.finish()
run.append(7, 1)
print(run.dropped)`);
    expect(printed.split('\n')).toEqual(['8 1 True', '11']);
    expect((await readProgress(join(dir, 'run'))).map(({ iter }) => iter)).toEqual([6]);
  });

  test('a score that did not reach the feed does not become the best', async () => {
    const printed = await python(`
import os
run = Run(sys.argv[1])
feed = sys.argv[1] + '/progress.jsonl'
run.append(0, 1)
os.rename(feed, feed + '.away'); os.mkdir(feed)
run.append(1, 5)
print(run.best, run.dropped)
os.rmdir(feed); os.rename(feed + '.away', feed)
run.append(2, 3)
print(run.best, run.dropped)
run.finish()`);
    expect(printed.split('\n')).toEqual(['1.0 1', '3.0 1']);
    expect((await readProgress(join(dir, 'run'))).map(({ iter, best }) => [iter, best])).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test('each line is there as soon as append returns', async () => {
    const runDir = join(dir, 'run');
    const script = `import sys\nfrom kai_progress import Run\nrun = Run(sys.argv[1])\nfor iter, _ in enumerate(sys.stdin): run.append(iter, iter)`;
    const child = spawn('python3', ['-c', script, runDir], { env: environment, stdio: ['pipe', 'ignore', 'inherit'] });
    const exit = once(child, 'exit');
    const records = followProgress(runDir, { pollMs: 20 });
    for (let iter = 0; iter < 3; iter++) {
      child.stdin.write('\n');
      expect((await records.next()).value).toMatchObject({ iter, score: iter, best: iter });
    }
    child.stdin.end();
    await exit;
    await records.return();
  });

  test('lines that it and the TypeScript writer append at the same time never mix', async () => {
    const writing = python(`
with Run(sys.argv[1]) as run:
    for iter in range(5000): run.append(iter, iter, program_id='p' * (iter % 700))
    print(run.dropped)`);
    const writer = new ProgressWriter(join(dir, 'run'));
    let own = 0;
    let ended = false;
    void writing.finally(() => {
      ended = true;
    });
    for await (const _ of followProgress(join(dir, 'run'), { pollMs: 5 })) break;
    while (!ended && own < 5000) {
      for (let i = 0; i < 50; i++) {
        writer.append({ iter: own++, score: null, best: null, programId: 'x'.repeat(own % 700), model: 'ts', ts: 1 });
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writer.close();
    expect(await writing).toBe('0');
    const problems: ProgressProblem[] = [];
    const records = await readProgress(join(dir, 'run'), { onProblem: (problem) => problems.push(problem) });
    expect(problems).toEqual([]);
    expect(records.filter(({ model }) => model === 'ts')).toHaveLength(own);
    expect(records.filter(({ model }) => model === null)).toHaveLength(5000);
    expect(own).toBeGreaterThan(0);
  });

  test('processes that ask for the next run directory at once never share one', async () => {
    const ask = () => python(`print(kai_progress.next_run_dir(sys.argv[1], 'search'))`, join(dir, 'runs'));
    const given = await Promise.all([ask(), ask(), ask(), ask()]);
    expect(given.sort()).toEqual([0, 1, 2, 3].map((number) => join(dir, 'runs', 'search', `run_${number}`)));
    await expect(python(`kai_progress.next_run_dir(sys.argv[1], '../up')`)).rejects.toThrow(/Could not use '..\/up'/);
  });

  test.each([
    ['', ''],
    [' where there are no hard links', 'def refuse(*_): raise PermissionError(1, "no links")\nos.link = refuse'],
  ])('of processes that open one new directory at once, one gets it%s', async (_, without) => {
    const printed = await python(`
import os, multiprocessing
${without}
context = multiprocessing.get_context('fork')
barrier, results = context.Barrier(4), context.Queue()
def race():
    for number in range(40):
        barrier.wait(10)
        try:
            run = Run(f'{sys.argv[1]}/{number}', heartbeat_seconds=100)
            result = 'opened'
        except Exception as error:
            result = f'{type(error).__name__}: {str(error).split(": ")[-1]}'
        barrier.wait(10)
        results.put(result)
racers = [context.Process(target=race) for _ in range(4)]
for racer in racers: racer.start()
found = [results.get(timeout=10) for _ in range(160)]
for racer in racers: racer.join()
for result in sorted(set(found)): print(found.count(result), result)
print({name for number in range(40) for name in os.listdir(f'{sys.argv[1]}/{number}')})`);
    expect(printed.split('\n')).toEqual([
      '120 FileExistsError: it already holds one. Use resume=True, or another directory.',
      '40 opened',
      "{'run.json'}",
    ]);
  });

  test.skipIf(process.platform === 'win32')(
    'a fork appends to the feed and never to run.json, whatever the threads of its parent held',
    async () => {
      const printed = await python(`
import os, signal, threading
run = Run(sys.argv[1], heartbeat_seconds=100)
run.append(0, 1)
held, done = threading.Event(), threading.Event()
def hold():
    with run._feed_lock, run._manifest_lock, run._wake:
        held.set()
        done.wait()
holder = threading.Thread(target=hold)
holder.start()
held.wait()
manifest = open(sys.argv[1] + '/run.json').read()
child = os.fork()
if child == 0:
    signal.alarm(5)
    run.append(1, 2)
    run.start(2)
    run._write_manifest()
    run.finish('failed')
    os._exit(10 * run.dropped + threading.active_count())
print(os.waitpid(child, 0)[1] >> 8, open(sys.argv[1] + '/run.json').read() == manifest)
done.set()
holder.join()
run.append(2, 3)
run.finish()
print(run.dropped, '"finished"' in open(sys.argv[1] + '/run.json').read())`);
      expect(printed.split('\n')).toEqual(['1 True', '0 True']);
      expect((await readProgress(join(dir, 'run'))).map(({ iter, best }) => [iter, best])).toEqual([
        [0, 1],
        [1, 2],
        [2, 3],
      ]);
    },
  );

  const resuming = `
import json, os, signal, socket, subprocess, time
Run(sys.argv[1], heartbeat_seconds=100).finish()
path = sys.argv[1] + '/run.json'
mine = {**json.load(open(path)), 'status': 'running', 'ended_at': None}
def resume(**fields):
    json.dump({**mine, **fields}, open(path, 'w'))
    try:
        Run(sys.argv[1], resume=True, heartbeat_seconds=100).finish()
        return 'opened'
    except RuntimeError as error:
        return str(error).partition('process ')[2].partition(' ')[2].partition('. ')[0]
now = time.time()`;

  test('a resume refuses a run on another host until its heartbeat is 30 s late', async () => {
    const printed = await python(`${resuming}
print(resume())
print(resume(host='elsewhere'))
print(resume(host='elsewhere', next_heartbeat_by=now - 20))
print(resume(host='elsewhere', next_heartbeat_by=now - 31))
print(resume(host='elsewhere', next_heartbeat_by=None))
print(resume(host='elsewhere', status='stopped'))
print(resume(pid='?', host=7, boot_id=[], pid_namespace={}, heartbeat_at='x', next_heartbeat_by='soon'))
print(resume(pid=2 ** 31 + 5))`);
    expect(printed.split('\n')).toEqual([
      'on this machine is running it',
      'on elsewhere ran it a moment ago and cannot be seen from here',
      'on elsewhere ran it a moment ago and cannot be seen from here',
      'opened',
      'opened',
      'opened',
      'opened',
      'opened',
    ]);
  });

  test.skipIf(process.platform !== 'linux')(
    'a resume tells a live process by its ticks, boot and pid namespace (needs Linux)',
    async () => {
      const printed = await python(`${resuming}
print(resume(process_started_at=mine['process_started_at'] - 5000))
print(resume(process_start_ticks=mine['process_start_ticks'] + 1))
print(resume(process_start_ticks=None, process_started_at=mine['process_started_at'] + 1))
print(resume(process_start_ticks=None, process_started_at=mine['process_started_at'] + 5))
print(resume(pid_namespace='pid:[1]'))
print(resume(pid_namespace='pid:[1]', next_heartbeat_by=now - 31))
print(resume(boot_id='another'))
print(resume(boot_id='another', heartbeat_at=1))
print(resume(boot_id=None))
sleeper = subprocess.Popen(['sleep', '60'])
sleeper.send_signal(signal.SIGSTOP)
os.waitpid(sleeper.pid, os.WUNTRACED)
print(resume(pid=sleeper.pid, process_start_ticks=None, process_started_at=None, next_heartbeat_by=now - 31))
sleeper.kill()
sleeper.wait()
print(resume(pid=sleeper.pid, process_start_ticks=None, process_started_at=None))`);
      expect(printed.split('\n')).toEqual([
        'on this machine is running it',
        'opened',
        'on this machine is running it',
        'opened',
        'on this machine ran it a moment ago and cannot be seen from here',
        'opened',
        'on this machine ran it a moment ago and cannot be seen from here',
        'opened',
        'on this machine is running it',
        'on this machine is running it and is suspended',
        'opened',
      ]);
    },
  );

  test('a directory that holds a run is refused, unless the run is to go on', async () => {
    await python('Run(sys.argv[1]).finish()');
    await expect(python('Run(sys.argv[1])')).rejects.toThrow(/FileExistsError: Could not start a run in .* holds one/);
    writeFileSync(join(dir, FEED_FILE), '{"iter":0,"score":1}\n');
    await expect(python('Run(sys.argv[1])', dir)).rejects.toThrow(/FileExistsError/);
  });

  test('it is Python 3.8 and imports the standard library only', () => {
    const check = `
import ast, sys
tree = ast.parse(open(sys.argv[1]).read(), feature_version=(3, 8))
names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
assert set(names) <= set(getattr(sys, 'stdlib_module_names', names)), names`;
    execFileSync('python3', ['-c', check, join(modules, 'kai_progress.py')]);
  });
});

function findPython(): string | null {
  try {
    return execFileSync('python3', ['--version'], { encoding: 'utf8' });
  } catch {
    return null;
  }
}
