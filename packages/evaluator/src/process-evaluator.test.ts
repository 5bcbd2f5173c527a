import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { isAlive, makeTask, program } from './fixtures/task.ts';
import { createEvaluator, type ProcessEvaluator } from './process-evaluator.ts';

const IMPORTS_PROGRAM = `
  export async function evaluate(programPath) {
    const program = await import(programPath);
    return program.run();
  }`;

describe('a program that works', () => {
  test('gets the metrics and artifacts that the evaluator returns', async () => {
    const evaluator = await makeTask(`export function evaluate(programPath) {
      return { metrics: { combined_score: 0.5, rings: 3 }, artifacts: { note: 'ok', sizes: [1, 2] } };
    }`).open();

    const evaluation = await evaluator.evaluate(program());

    expect(evaluation.metrics).toEqual({ combined_score: 0.5, rings: 3 });
    expect(evaluation.artifacts).toEqual({ note: 'ok', sizes: '[1,2]' });
    expect(evaluation.error).toBe(null);
    expect(evaluation.durationMs).toBeGreaterThan(0);
  });

  test('is an ES module when it is named .js and the task says nothing', async () => {
    const evaluator = await makeTask(IMPORTS_PROGRAM).open();

    const evaluation = await evaluator.evaluate(program('await 0; export const run = () => ({ combined_score: 7 });'));

    expect(evaluation).toMatchObject({ metrics: { combined_score: 7 }, artifacts: {}, error: null });
  });

  test('is a CommonJS module when it is named .js and the package.json of the task says commonjs', async () => {
    const task = makeTask(IMPORTS_PROGRAM, { 'package.json': '{"type":"commonjs"}' });
    const evaluator = await task.open();

    const evaluation = await evaluator.evaluate(program('exports.run = () => ({ combined_score: 8 });'));

    expect(evaluation).toMatchObject({ metrics: { combined_score: 8 }, error: null });
  });

  test('imports packages that are installed beside the task', async () => {
    const task = makeTask(IMPORTS_PROGRAM);
    const packageDir = join(task.dir, 'node_modules', 'nine');
    mkdirSync(packageDir, { recursive: true });
    writeFileSync(join(packageDir, 'index.js'), 'module.exports = 9;');
    const evaluator = await task.open();

    const evaluation = await evaluator.evaluate(
      program('import nine from "nine"; export const run = () => ({ combined_score: nine });'),
    );

    expect(evaluation).toMatchObject({ metrics: { combined_score: 9 }, error: null });
    await evaluator.close();
    expect(existsSync(join(packageDir, 'index.js'))).toBe(true);
  });

  test('is scored by a CommonJS evaluator too', async () => {
    const task = makeTask('', { 'evaluator.cjs': 'module.exports = { evaluate: () => ({ combined_score: 1 }) };' });
    const evaluator = await task.open({ evaluatorPath: join(task.dir, 'evaluator.cjs') });

    expect(await evaluator.evaluate(program())).toMatchObject({ metrics: { combined_score: 1 }, error: null });
  });

  test('is scored although it leaves timers, rejections and children behind', async () => {
    const task = makeTask(`import { spawn } from 'node:child_process';
    export function evaluate() {
      setInterval(() => {}, 1);
      setTimeout(() => { throw new Error('too late'); });
      Promise.reject(new Error('nobody listens'));
      const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
      return { combined_score: 1, child: child.pid };
    }`);
    const evaluator = await task.open();

    const evaluation = await evaluator.evaluate(program());

    expect(evaluation.error).toBe(null);
    await vi.waitFor(() => expect(isAlive(evaluation.metrics.child as number)).toBe(false));
  });
});

describe('a program that fails costs its own evaluation only', () => {
  const task = makeTask(IMPORTS_PROGRAM, {}, afterAll);
  let shared: ProcessEvaluator;

  beforeAll(async () => {
    shared = await task.open();
  });

  /** The evaluation of a program with this body, which its evaluator imports and runs. */
  async function failureOf(body: string, timeoutMs?: number) {
    const evaluator = timeoutMs === undefined ? shared : await task.open({ timeoutMs });
    return await evaluator.evaluate(
      program(`import { execFileSync, spawn } from 'node:child_process';
        import { writeSync } from 'node:fs';
        export async function run() { ${body} }`),
    );
  }

  test('while (true) is killed at the timeout', async () => {
    const evaluation = await failureOf('while (true) {}', 300);

    expect(evaluation.error?.kind).toBe('timeout');
    expect(evaluation.error?.message).toContain('no answer within 0.3 s');
    expect(evaluation.durationMs).toBeGreaterThanOrEqual(299);
    expect(evaluation.durationMs).toBeLessThan(3000);
  });

  test('a grandchild that holds the pipe neither outlives nor delays the timeout', async () => {
    const evaluation = await failureOf(
      `const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
       console.log('child', child.pid);
       await new Promise(() => {});`,
      400,
    );

    expect(evaluation.error?.kind).toBe('timeout');
    expect(evaluation.durationMs).toBeLessThan(3000);
    const pid = Number(evaluation.artifacts.stdout?.match(/child (\d+)/)?.[1]);
    expect(pid).toBeGreaterThan(1);
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  });

  test('a grandchild in a session of its own that holds the pipe does not delay the timeout', async () => {
    const evaluation = await failureOf(
      `const child = spawn('sleep', ['1000'], { stdio: 'inherit', detached: true });
       console.log('child', child.pid);
       await new Promise(() => {});`,
      400,
    );
    process.kill(Number(evaluation.artifacts.stdout?.match(/child (\d+)/)?.[1]), 'SIGKILL');

    expect(evaluation.error?.kind).toBe('timeout');
    expect(evaluation.durationMs).toBeLessThan(3000);
  });

  test('a child that loops inside execFileSync is killed at the timeout', async () => {
    const evaluation = await failureOf(`execFileSync(process.execPath, ['-e', 'while (true) {}']);`, 400);

    expect(evaluation.error?.kind).toBe('timeout');
    expect(evaluation.durationMs).toBeLessThan(3000);
  });

  test('process.exit(0) before the answer is a failure with its exit code', async () => {
    const evaluation = await failureOf('process.exit(0);');

    expect(evaluation.error?.kind).toBe('exited');
    expect(evaluation.error?.message).toContain('exit code 0');
    expect(evaluation.metrics).toEqual({});
  });

  test('process.exit(3) keeps what was printed before', async () => {
    const evaluation = await failureOf(`console.error('giving up'); process.exit(3);`);

    expect(evaluation.error?.message).toContain('exit code 3');
    expect(evaluation.artifacts).toEqual({ stderr: 'giving up\n' });
  });

  test('a promise that never settles is noticed at once', async () => {
    const evaluation = await failureOf('await new Promise(() => {});');

    expect(evaluation.error).toEqual({
      kind: 'exited',
      message: 'evaluate() returned a promise that never settles: nothing was left to wait for.',
    });
  });

  test('a segmentation fault is a crash that names the signal', async () => {
    const evaluation = await failureOf(`process.kill(process.pid, 'SIGSEGV'); await new Promise(() => {});`);

    expect(evaluation.error?.kind).toBe('crashed');
    expect(evaluation.error?.message).toContain('SIGSEGV');
  });

  test('an exception is kept with its stack', async () => {
    const evaluation = await failureOf(`throw new RangeError('radius is negative');`);

    expect(evaluation.error).toEqual({ kind: 'threw', message: 'evaluate() threw RangeError: radius is negative' });
    expect(evaluation.artifacts.stack).toMatch(/^RangeError: radius is negative\n {4}at .*\(program\.js:3:45\)/);
  });

  test('a thrown text is kept too', async () => {
    const evaluation = await failureOf(`throw 'no circles';`);

    expect(evaluation.error).toEqual({ kind: 'threw', message: 'evaluate() threw string: no circles' });
    expect(evaluation.artifacts).toEqual({});
  });

  test('an exception in a callback is a failure with its reason', async () => {
    const evaluation = await failureOf(`setTimeout(() => null.x); await new Promise(() => {});`);

    expect(evaluation.error?.kind).toBe('threw');
    expect(evaluation.error?.message).toContain('A callback or promise of the evaluation threw TypeError');
  });

  test.each([
    ['nothing', '', 'returned undefined'],
    ['null', 'return null;', 'returned null'],
    ['a text', 'return "0.5";', 'returned string'],
    ['a number', 'return 0.5;', 'returned number'],
    ['a list', 'return [0.5];', 'returned array'],
    ['a map', 'return new Map([["combined_score", 1]]);', 'returned Map'],
    ['a function', 'return () => 1;', 'returned function'],
    ['no metric', 'return {};', 'no numeric metric'],
    ['a list of metrics', 'return { metrics: [1] };', 'metrics are of type array'],
    ['a list of artifacts', 'return { metrics: { a: 1 }, artifacts: [] };', 'artifacts of type array'],
    ['a score that is a text', 'return { combined_score: "0.5" };', '"combined_score" is of type string'],
    ['a score that is a boolean', 'return { combined_score: true };', '"combined_score" is of type boolean'],
    ['a bigint', 'return { a: 1n };', '"a" is of type bigint'],
    ['a nested object', 'return { a: { b: 1 } };', '"a" is of type object'],
    ['a metric that is null', 'return { a: null, b: 1 };', '"a" is of type null'],
    ['a circular object', 'const r = {}; r.r = r; return r;', '"r" is of type object'],
    ['a getter that throws', 'return { get a() { throw new Error("no"); } };', 'could not be read: Error: no'],
    ['NaN', 'return { combined_score: NaN };', '"combined_score" is NaN'],
    ['Infinity', 'return { combined_score: 1, ratio: -Infinity };', '"ratio" is -Infinity'],
  ])('returning %s is an invalid result', async (_what, body, message) => {
    const evaluation = await failureOf(body);

    expect(evaluation.error?.kind).toBe('invalid_result');
    expect(evaluation.error?.message).toContain(message);
    expect(Object.values(evaluation.metrics).every(Number.isFinite)).toBe(true);
  });

  test('a result of 20 MB is refused', async () => {
    const evaluation = await failureOf(`return { metrics: { a: 1 }, artifacts: { big: 'x'.repeat(20e6) } };`);

    expect(evaluation.error?.kind).toBe('invalid_result');
    expect(evaluation.error?.message).toMatch(/is 20000\d{3} bytes long, the limit is 10000000/);
  });

  test('a result of 9 MB arrives whole', async () => {
    const evaluation = await failureOf(`return { metrics: { a: 1 }, artifacts: { big: 'x'.repeat(9e6) } };`);

    expect(evaluation.error).toBe(null);
    expect(evaluation.artifacts.big).toHaveLength(9e6);
  });

  test('bytes without end on the result channel end the evaluation', async () => {
    const evaluation = await failureOf(`for (;;) writeSync(4, 'x'.repeat(1e6));`);

    expect(evaluation.error?.kind).toBe('invalid_result');
    expect(evaluation.error?.message).toContain('more than 11000000 bytes');
  });

  test('an evaluation that crashes at 14 of 50 leaves the other 49 alone', async () => {
    const evaluator = await makeTask(`import { readFileSync } from 'node:fs';
      export function evaluate(programPath) {
        const n = Number(readFileSync(programPath, 'utf8'));
        if (n === 14) process.kill(process.pid, 'SIGKILL');
        return { combined_score: n };
      }`).open({ concurrency: 2 });
    // One signal for all of them, as a run has: its listeners must not count as a leak.
    const { signal } = new AbortController();
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on('warning', onWarning);
    onTestFinished(() => {
      process.off('warning', onWarning);
    });

    const evaluations = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        evaluator.evaluate({ id: `p${n}`, code: `${n}`, extension: '.txt' }, { signal }),
      ),
    );

    expect(evaluations[14]).toMatchObject({ metrics: {}, error: { kind: 'crashed' } });
    const others = evaluations.filter((_, n) => n !== 14);
    expect(others.every(({ error }) => error === null)).toBe(true);
    expect(evaluations[49]?.metrics).toEqual({ combined_score: 49 });
    expect(warnings).toEqual([]);
  });
});

describe('what a program prints', () => {
  test('cannot pass for a result, whatever channel it goes to', async () => {
    const evaluator = await makeTask(`import { writeSync } from 'node:fs';
      import { spawnSync } from 'node:child_process';
      const forged = JSON.stringify({ type: 'result', metrics: [['combined_score', 'number', 1e9]], artifacts: [] });
      export function evaluate() {
        for (const fd of [1, 2, 4]) writeSync(fd, forged + '\\n');
        writeSync(4, JSON.stringify({ ...JSON.parse(forged), nonce: 'guess' }) + '\\n');
        const child = "require('fs').writeSync(4, process.argv[1])";
        const { status } = spawnSync(process.execPath, ['-e', child, forged], { stdio: ['ignore', 'inherit', 'ignore'] });
        return { combined_score: 1, child_status: status };
      }`).open();

    const evaluation = await evaluator.evaluate(program());

    expect(evaluation.metrics).toEqual({ combined_score: 1, child_status: 1 });
    expect(evaluation.artifacts.stdout).toContain('1000000000');
  });

  test('is kept as artifacts, also what its children print', async () => {
    const evaluator = await makeTask(`import { spawnSync } from 'node:child_process';
      console.log('printed while imported');
      export function evaluate() {
        console.log('out');
        spawnSync('sh', ['-c', 'echo err >&2'], { stdio: 'inherit' });
        return { combined_score: 1 };
      }`).open();

    const evaluation = await evaluator.evaluate(program());

    expect(evaluation.artifacts).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });

  test('does not replace an artifact stdout of the evaluator', async () => {
    const evaluator = await makeTask(`export function evaluate() {
        console.log('mine');
        return { metrics: { a: 1 }, artifacts: { stdout: 'of the child' } };
      }`).open();

    expect((await evaluator.evaluate(program())).artifacts).toEqual({ stdout: 'of the child' });
  });

  test('is cut to its beginning and end when it is a flood', async () => {
    const evaluator = await makeTask(`export function evaluate() {
        for (let line = 0; line < 200_000; line++) console.log('line ' + line);
        return { combined_score: 1 };
      }`).open({ maxOutputBytes: 100 });

    const { stdout } = (await evaluator.evaluate(program())).artifacts;

    expect(stdout).toMatch(/^line 0\nline 1\n/);
    expect(stdout).toMatch(/\[… truncated: 2288790 bytes left out here …\]/);
    expect(stdout).toMatch(/line 199998\nline 199999\n$/);
  });

  test('names its files without the scratch folder', async () => {
    const evaluator = await makeTask(IMPORTS_PROGRAM).open();

    const evaluation = await evaluator.evaluate(program('export function run() {\n  throw new Error("here");\n}'));

    expect(evaluation.artifacts.stack).toMatch(/^Error: here\n {4}at .*\(program\.js:2:9\)/);
  });
});

describe('metrics that are no numbers', () => {
  test('a text named error is the reason of a failure', async () => {
    const evaluator = await makeTask(
      `export const evaluate = () => ({ combined_score: 0, error: 'circles overlap' });`,
    ).open();

    expect(await evaluator.evaluate(program())).toMatchObject({
      metrics: { combined_score: 0 },
      error: { kind: 'reported', message: 'circles overlap' },
    });
  });

  test('an error of null or an empty text is none', async () => {
    const evaluator = await makeTask(`import { readFileSync } from 'node:fs';
      export const evaluate = (path) => ({ combined_score: 1, error: JSON.parse(readFileSync(path, 'utf8')) });`).open();

    expect(await evaluator.evaluate(program('null'))).toMatchObject({ metrics: { combined_score: 1 }, error: null });
    expect(await evaluator.evaluate(program('""'))).toMatchObject({ metrics: { combined_score: 1 }, error: null });
  });

  test('texts and booleans become artifacts', async () => {
    const evaluator = await makeTask(
      `export const evaluate = () => ({ combined_score: 1, valid: true, note: 'dense' });`,
    ).open();

    expect(await evaluator.evaluate(program())).toMatchObject({
      metrics: { combined_score: 1 },
      artifacts: { valid: 'true', note: 'dense' },
      error: null,
    });
  });
});

describe('an evaluator that cannot work is an error, not a failed program', () => {
  test.each([
    [
      'does not parse',
      'export function evaluate( {',
      'load_failed',
      /Could not import evaluator .*evaluator\.mjs: .*SyntaxError/s,
    ],
    ['throws', 'throw new Error("no data folder");', 'load_failed', /no data folder/],
    ['exits', 'console.error("bye"); process.exit(0);', 'load_failed', /ended with exit code 0 .*It printed:\nbye/s],
    ['exports no evaluate', 'export const score = 1;', 'no_evaluate', /found exports: score/],
    ['exports nothing', '', 'no_evaluate', /found no exports/],
  ])('when its module %s', async (_what, code, errorCode, message) => {
    const task = makeTask(code);

    await expect(task.open()).rejects.toMatchObject({
      name: 'EvaluatorError',
      code: errorCode,
      path: task.evaluatorPath,
    });
    await expect(task.open()).rejects.toThrow(message);
    expect(readdirSync(task.scratchRoot)).toEqual([]);
  });

  test('when importing it never ends', async () => {
    const task = makeTask('await new Promise(() => setInterval(() => {}, 1000));');

    await expect(task.open({ loadTimeoutMs: 300 })).rejects.toMatchObject({ code: 'load_timeout' });
  });

  test('when there is no such file, or no JavaScript', async () => {
    const task = makeTask('');

    await expect(task.open({ evaluatorPath: join(task.dir, 'none.js') })).rejects.toThrow(/There is no evaluator file/);
    await expect(task.open({ evaluatorPath: join(task.dir, 'a.py') })).rejects.toMatchObject({
      code: 'invalid_options',
    });
  });

  test('when it breaks while the run goes on', async () => {
    const task = makeTask('export const evaluate = () => ({ combined_score: 1 });');
    const evaluator = await task.open();
    writeFileSync(task.evaluatorPath, 'broken(');

    // At most the process that waited since before can still answer.
    await vi.waitFor(() => expect(evaluator.evaluate(program())).rejects.toMatchObject({ code: 'load_failed' }));
    writeFileSync(task.evaluatorPath, 'export const evaluate = () => ({ combined_score: 2 });');

    expect(await evaluator.evaluate(program())).toMatchObject({ metrics: { combined_score: 2 } });
  });

  test('when node cannot be started', async () => {
    const task = makeTask('export const evaluate = () => ({ a: 1 });');
    const { execPath } = process;
    onTestFinished(() => {
      process.execPath = execPath;
    });
    process.execPath = join(task.dir, 'no-node');

    await expect(task.open()).rejects.toMatchObject({ code: 'runner_failed', path: task.evaluatorPath });
    expect(readdirSync(task.scratchRoot)).toEqual([]);
  });

  test('when its scratch folder was deleted under it', async () => {
    const task = makeTask('export const evaluate = () => ({ a: 1 });');
    const evaluator = await task.open();
    rmSync(task.scratchRoot, { recursive: true });

    await expect(evaluator.evaluate(program())).rejects.toMatchObject({ code: 'scratch_failed' });
    await evaluator.close();
  });

  test('when an option is out of range', async () => {
    const { evaluatorPath } = makeTask('export const evaluate = () => ({ a: 1 });');

    await expect(createEvaluator({ evaluatorPath, concurrency: 1.5 })).rejects.toThrow(/concurrency is 1.5/);
    await expect(createEvaluator({ evaluatorPath, timeoutMs: 0 })).rejects.toThrow(/timeoutMs is 0/);
    await expect(createEvaluator({ evaluatorPath, timeoutMs: Number.NaN })).rejects.toThrow(/timeoutMs is NaN/);
  });

  test('when the extension of a program leads elsewhere', async () => {
    const evaluator = await makeTask('export const evaluate = () => ({ a: 1 });').open();

    await expect(evaluator.evaluate(program('', '/../../x'))).rejects.toMatchObject({ code: 'invalid_options' });
  });
});

describe('stopping', () => {
  const HANGS = `import { appendFileSync } from 'node:fs';
    export function evaluate() {
      appendFileSync(process.env.PIDS, process.pid + '\\n');
      while (true) {}
    }`;

  function startedPids(path: string): number[] {
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').map(Number) : [];
  }

  test('abort rejects with its reason and kills the evaluation', async () => {
    const task = makeTask(HANGS);
    const pids = join(task.dir, 'pids');
    const evaluator = await task.open({ env: { PIDS: pids } });
    const abort = new AbortController();
    const evaluation = evaluator.evaluate(program(), { signal: abort.signal });
    const settled = expect(evaluation).rejects.toThrow('enough');
    await vi.waitFor(() => expect(startedPids(pids)).toHaveLength(1));

    abort.abort(new Error('enough'));

    await settled;
    await vi.waitFor(() => expect(isAlive(startedPids(pids)[0] as number)).toBe(false));
  });

  test('abort of an evaluation that waits lets the others go on', async () => {
    const evaluator = await makeTask(`export const evaluate = () => ({ combined_score: 1 });`).open();
    const abort = new AbortController();
    const evaluations = [
      evaluator.evaluate(program()),
      evaluator.evaluate(program(), { signal: abort.signal }),
      evaluator.evaluate(program()),
    ];
    abort.abort('never mind');

    expect(await Promise.allSettled(evaluations)).toMatchObject([
      { value: { error: null } },
      { status: 'rejected', reason: 'never mind' },
      { value: { error: null } },
    ]);
    await expect(evaluator.evaluate(program(), { signal: abort.signal })).rejects.toBe('never mind');
  });

  test('close kills what runs, rejects what waits, and leaves no process and no file', async () => {
    const task = makeTask(HANGS);
    const pids = join(task.dir, 'pids');
    const evaluator = await task.open({ env: { PIDS: pids }, concurrency: 2 });
    const guardianPid = evaluator.guardianPid as number;
    const evaluations = [1, 2, 3].map(() => evaluator.evaluate(program()));
    const settled = Promise.allSettled(evaluations);
    await vi.waitFor(() => expect(startedPids(pids)).toHaveLength(2));

    await Promise.all([evaluator.close(), evaluator.close(), evaluator[Symbol.asyncDispose]()]);

    const closed = { status: 'rejected', reason: { code: 'closed' } };
    expect(await settled).toMatchObject([closed, closed, closed]);
    expect([...startedPids(pids), guardianPid].filter(isAlive)).toEqual([]);
    expect(readdirSync(task.scratchRoot)).toEqual([]);
    await expect(evaluator.evaluate(program())).rejects.toMatchObject({ code: 'closed' });
  });

  test('creation can be aborted', async () => {
    const task = makeTask('await new Promise(() => setInterval(() => {}, 1000));');
    const abort = new AbortController();
    const opening = task.open({ signal: abort.signal });
    abort.abort(new Error('changed my mind'));

    await expect(opening).rejects.toThrow('changed my mind');
    expect(readdirSync(task.scratchRoot)).toEqual([]);
  });
});

describe('what an evaluation sees', () => {
  test('no secret of the environment, but what the task adds', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-secret');
    vi.stubEnv('NODE_OPTIONS', '--no-warnings');
    const evaluator = await makeTask(
      `export const evaluate = () => ({ metrics: { a: 1 }, artifacts: { env: process.env } });`,
    ).open({ env: { DATA_DIR: '/data' } });
    vi.unstubAllEnvs();

    const env = JSON.parse((await evaluator.evaluate(program())).artifacts.env as string);

    expect(env).toMatchObject({ PATH: process.env.PATH, DATA_DIR: '/data' });
    const allowed = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'TMPDIR', 'DATA_DIR'];
    expect(Object.keys(env).filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test('a scratch folder of its own, which is removed afterwards', async () => {
    const task = makeTask(`import { statSync, writeFileSync, readdirSync } from 'node:fs';
      import { tmpdir } from 'node:os';
      export function evaluate(programPath) {
        writeFileSync('left-behind.txt', 'x');
        const folder = process.cwd();
        return { metrics: { mode: statSync(folder).mode & 0o777 },
          artifacts: { folder: folder + '|', tmpdir: tmpdir() + '|', files: readdirSync('.').join(' ') } };
      }`);
    const evaluator = await task.open();

    const { metrics, artifacts } = await evaluator.evaluate(program());

    expect(metrics.mode).toBe(0o700);
    expect(artifacts.files).toMatch(/^left-behind\.txt (node_modules )?package\.json program\.js$/);
    expect(artifacts.folder?.startsWith(task.scratchRoot)).toBe(true);
    expect(artifacts.tmpdir).toBe(artifacts.folder);
    const folder = artifacts.folder?.slice(0, -1) as string;
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false));
  });
});

test('evaluations start in order of arrival, at most so many at a time', async () => {
  const task = makeTask(`import { appendFileSync, readFileSync } from 'node:fs';
    export function evaluate(path) {
      const name = readFileSync(path, 'utf8');
      appendFileSync(process.env.LOG, 'start ' + name + '\\n');
      appendFileSync(process.env.LOG, 'end ' + name + '\\n');
      return { a: 1 };
    }`);
  const log = join(task.dir, 'log');
  const evaluator = await task.open({ env: { LOG: log } });

  await Promise.all(['a', 'b', 'c'].map((name) => evaluator.evaluate(program(name, '.txt'))));

  expect(readFileSync(log, 'utf8')).toBe('start a\nend a\nstart b\nend b\nstart c\nend c\n');
});

test('a process that died while it waited costs nothing', async () => {
  const task = makeTask(`import { appendFileSync } from 'node:fs';
    appendFileSync(process.env.PIDS, process.pid + '\\n');
    export const evaluate = () => ({ combined_score: 1 });`);
  const pids = join(task.dir, 'pids');
  const evaluator = await task.open({ env: { PIDS: pids } });
  const [idle] = readFileSync(pids, 'utf8').split('\n').map(Number) as [number];
  process.kill(idle, 'SIGKILL');
  await vi.waitFor(() => expect(isAlive(idle)).toBe(false));

  expect(await evaluator.evaluate(program())).toMatchObject({ metrics: { combined_score: 1 }, error: null });
});
