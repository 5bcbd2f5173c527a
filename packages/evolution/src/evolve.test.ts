import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProgress } from '@kai/progress';
import { readBestProgram, readManifest, readPrograms } from '@kai/run-state';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { evolutionConfigSchema } from './config.ts';
import { type EvolutionEvent, type EvolveOptions, evolve } from './evolve.ts';
import type {
  Evaluation,
  Evaluator,
  Json,
  ProgramError,
  ProposalOutcome,
  ProposalRequest,
  Proposer,
} from './interfaces.ts';
import { randomFrom } from './random.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kai-evolve-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const initialProgram = { code: '// EVOLVE-BLOCK-START\nx = 0\n// EVOLVE-BLOCK-END\n', extension: '.js' };

const edit = (from: string, to: string) => `<<<<<<< SEARCH\n${from}\n=======\n${to}\n>>>>>>> REPLACE`;
const xOf = (code: string) => /x = (.*)/.exec(code)?.[1] ?? '';

/** Steps x at random; its step shrinks after each failure, so its memory matters. */
class Stepper implements Proposer {
  step = 4;
  readonly requests: ProposalRequest[] = [];
  readonly outcomes: ProposalOutcome[] = [];

  async propose(request: ProposalRequest) {
    this.requests.push(request);
    const random = randomFrom(request.seed);
    const x = Number(xOf(request.parent.code)) + (random() - 0.5) * this.step;
    return { text: edit(`x = ${xOf(request.parent.code)}`, `x = ${x.toFixed(6)}`), model: 'step', usage: [] };
  }

  observe(outcome: ProposalOutcome) {
    this.outcomes.push(outcome);
    this.step *= outcome.improved ? 1.2 : 0.97;
  }

  snapshot(): Json {
    return { step: this.step };
  }

  restore(state: Json) {
    this.step = (state as { step: number }).step;
  }
}

/** Replies with the given texts in turn, the last one for ever. */
function replying(...texts: (string | Error)[]): Proposer & { requests: ProposalRequest[] } {
  const requests: ProposalRequest[] = [];
  return {
    requests,
    async propose(request) {
      requests.push(request);
      const text = texts[Math.min(requests.length, texts.length) - 1]!;
      if (text instanceof Error) throw text;
      return { text, model: null, usage: [] };
    },
  };
}

function scoring(score: (x: number, calls: number) => number | ProgramError): Evaluator & { calls: number } {
  return {
    calls: 0,
    async evaluate({ code }): Promise<Evaluation> {
      const outcome = score(Number(xOf(code)), this.calls++);
      const failed = typeof outcome === 'object';
      return {
        metrics: failed ? {} : { combined_score: outcome },
        artifacts: {},
        error: failed ? outcome : null,
        durationMs: 1,
      };
    },
    async close() {},
  };
}

const parabola = () => scoring((x) => -((x - 3) ** 2));

function run(settings: Record<string, unknown>, options: Partial<EvolveOptions> = {}) {
  return evolve({
    runDir: join(root, 'run'),
    label: 'parabola',
    initialProgram,
    config: evolutionConfigSchema.parse(settings),
    proposer: new Stepper(),
    evaluator: parabola(),
    ...options,
  });
}

const runDir = (name = 'run') => join(root, name);

async function journal(dir = runDir()) {
  const records = [];
  for await (const record of readPrograms(dir)) records.push(record);
  return records;
}

/** What a run found, without what the clock had a part in. */
async function findings(dir = runDir()) {
  return (await journal(dir)).map(
    ({ ts: _, proposeSeconds: _p, queueSeconds: _q, evaluateSeconds: _e, ...record }) => record,
  );
}

const scoresOfFeed = async (dir = runDir()) =>
  (await readProgress(dir)).map(({ iter, score, best }) => [iter, score, best]);

describe('evolve', () => {
  test('tells when the directory is its own, before anything is evaluated; one that is refused is not told', async () => {
    const evaluator = parabola();
    const opened: unknown[] = [];
    const onOpen = async () => void opened.push([(await readManifest(runDir()))!.status, evaluator.calls]);
    await run({ max_iterations: 1 }, { evaluator, onOpen });
    await expect(run({ max_iterations: 1 }, { evaluator, onOpen })).rejects.toMatchObject({ code: 'occupied' });
    expect(opened).toEqual([['running', 0]]);
  });

  test('what goes wrong while it is told ends the run as failed, and a resumed run keeps what it has', async () => {
    const onOpen = () => Promise.reject(new Error('The disk is full.'));
    const first = await run({ max_iterations: 3 }, { onOpen });
    expect(first).toMatchObject({ status: 'failed', stopReason: 'error', error: 'The disk is full.', best: null });
    expect(await readManifest(runDir())).toMatchObject({ status: 'failed', error: 'The disk is full.' });

    const other = { runDir: runDir('other') };
    const whole = await run({ max_iterations: 3 }, other);
    const resumed = await run({ max_iterations: 5 }, { ...other, resume: true, onOpen });
    expect(resumed).toMatchObject({ status: 'failed', completed: 3, best: whole.best });
  });

  test('climbs, and leaves a feed, a journal, checkpoints, the best program and a finished manifest', async () => {
    const result = await run({ max_iterations: 60, checkpoint_interval: 25 });
    expect(result).toMatchObject({ status: 'finished', stopReason: 'max_iterations', completed: 60, initialScore: -9 });
    expect(result.best!.score).toBeGreaterThan(-0.1);

    const feed = await readProgress(runDir());
    expect(feed.map(({ iter }) => iter)).toEqual(Array.from({ length: 61 }, (_, iter) => iter));
    expect(feed.at(-1)!.best).toBe(result.best!.score);
    expect((await journal()).map(({ id }) => id)).toEqual(feed.map(({ programId }) => programId));
    expect(readdirSync(join(runDir(), 'checkpoints')).sort()).toEqual([
      'checkpoint_25',
      'checkpoint_50',
      'checkpoint_60',
    ]);
    expect(await readBestProgram(runDir())).toMatchObject({ id: result.best!.id, code: result.best!.code });
    expect(await readManifest(runDir())).toMatchObject({
      status: 'finished',
      stopReason: 'max_iterations',
      iteration: 60,
      maxIterations: 60,
      seed: 42,
      inFlight: [],
    });
  });

  test('the same seed and one in flight give the same programs and scores, another seed others', async () => {
    await run({ max_iterations: 80 }, { runDir: runDir('a') });
    await run({ max_iterations: 80 }, { runDir: runDir('b') });
    await run({ max_iterations: 80, random_seed: 7 }, { runDir: runDir('c') });
    expect(await findings(runDir('a'))).toEqual(await findings(runDir('b')));
    expect(await findings(runDir('a'))).not.toEqual(await findings(runDir('c')));
  });

  test('a feed that cannot be written changes nothing of the result', async () => {
    const unbroken = await run({ max_iterations: 50 }, { runDir: runDir('whole') });
    mkdirSync(join(runDir('deaf'), 'progress.jsonl'), { recursive: true });
    const problems: string[] = [];
    const deaf = await run(
      { max_iterations: 50 },
      { runDir: runDir('deaf'), onEvent: (event) => event.type === 'problem' && problems.push(event.message) },
    );
    expect(deaf).toEqual(unbroken);
    expect(await findings(runDir('deaf'))).toEqual(await findings(runDir('whole')));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain('progress.jsonl');
  });

  test('keeps the asked number of iterations in flight, and completes every one once', async () => {
    let open = 0;
    let most = 0;
    const evaluator = parabola();
    const evaluate = evaluator.evaluate.bind(evaluator);
    evaluator.evaluate = async (program, options) => {
      most = Math.max(most, ++open);
      await new Promise(setImmediate);
      open--;
      return evaluate(program, options);
    };
    await run({ max_iterations: 40 }, { evaluator, concurrency: 4 });
    expect(most).toBe(4);
    const iterations = (await journal()).map(({ iter }) => iter).sort((a, b) => a - b);
    expect(iterations).toEqual(Array.from({ length: 41 }, (_, iter) => iter));
  });

  test('with direction minimize the lowest score is the best', async () => {
    const result = await run(
      { max_iterations: 60, direction: 'minimize' },
      { evaluator: scoring((x) => (x - 3) ** 2) },
    );
    expect(result.initialScore).toBe(9);
    expect(result.best!.score).toBeLessThan(0.1);
    expect((await readProgress(runDir())).at(-1)!.best).toBe(result.best!.score);
  });

  test('target reached at iteration n: the run stops there and its checkpoint is checkpoint_n', async () => {
    const proposer = replying(...[1, 2, 3, 4].map((x) => edit('x = 0', `x = ${x}`)));
    const settings = { max_iterations: 50, target_score: 3, database: { exploration_ratio: 0, exploitation_ratio: 0 } };
    const counting = scoring((x) => x);
    // The parent is always the initial program: one island whose only member can be sampled first.
    const result = await run({ ...settings }, { proposer: rebased(proposer), evaluator: counting });
    expect(result).toMatchObject({ status: 'finished', stopReason: 'target_score', completed: 3 });
    expect(counting.calls).toBe(4);
    expect(readdirSync(join(runDir(), 'checkpoints'))).toEqual(['checkpoint_3']);
  });

  test('an iteration that fails at the checkpoint interval still gets its checkpoint', async () => {
    const evaluator = scoring((x, calls) => (calls === 20 ? { kind: 'crashed', message: 'segfault' } : -Math.abs(x)));
    await run({ max_iterations: 25, checkpoint_interval: 10 }, { evaluator });
    expect((await journal()).filter(({ error }) => error).map(({ iter }) => iter)).toContain(20);
    expect(existsSync(join(runDir(), 'checkpoints', 'checkpoint_20', 'metadata.json'))).toBe(true);
  });

  test('scores are negative and one program crashes: the crash is never best', async () => {
    const evaluator = scoring((x, calls) =>
      calls === 3 ? { kind: 'crashed', message: 'segfault' } : -100 - Math.abs(x),
    );
    const result = await run({ max_iterations: 10 }, { evaluator });
    expect(result.best!.score).toBe(-100);
    const crashed = (await readProgress(runDir()))[3]!;
    expect(crashed).toMatchObject({ iter: 3, score: null, best: -100 });
    expect((await journal())[3]).toMatchObject({ score: null, error: { kind: 'crashed', message: 'segfault' } });
  });

  test('an initial program that cannot be scored ends the run as failed, with the reason', async () => {
    const result = await run(
      { max_iterations: 10 },
      { evaluator: scoring(() => ({ kind: 'threw', message: 'no x' })) },
    );
    expect(result).toMatchObject({ status: 'failed', stopReason: 'error', completed: 0, best: null });
    expect(result.error).toContain('The initial program could not be scored');
    expect(result.error).toContain('no x');
    expect(await readManifest(runDir())).toMatchObject({ status: 'failed', error: result.error });
  });

  test('initial score NaN: evaluation failed, said so', async () => {
    const result = await run({ max_iterations: 10 }, { evaluator: scoring(() => Number.NaN) });
    expect(result).toMatchObject({ status: 'failed', best: null });
    expect((await readProgress(runDir()))[0]).toMatchObject({ iter: 0, score: null, best: null });
  });

  test('every model call fails: the run fails after ten in a row and says why', async () => {
    const proposer = replying(new Error('401 wrong key'));
    const result = await run({ max_iterations: 50 }, { proposer });
    expect(result).toMatchObject({ status: 'failed', stopReason: 'model_failures', completed: 10 });
    expect(result.error).toContain('401 wrong key');
    expect((await journal()).at(-1)).toMatchObject({ score: null, code: null, error: { kind: 'model' } });
  });

  test('SEARCH block does not match: no evaluation is spent, and the next prompt says what went wrong', async () => {
    const proposer = replying(edit('y = 1', 'y = 2'));
    const evaluator = parabola();
    await run({ max_iterations: 3, database: { num_islands: 1 } }, { proposer, evaluator });
    expect(evaluator.calls).toBe(1);
    expect((await journal()).slice(1).map(({ error, code }) => [error?.kind, code])).toEqual(
      Array(3).fill(['search_not_found', null]),
    );
    expect((await readProgress(runDir()))[1]).toMatchObject({ score: null, programId: null });
    expect(proposer.requests[1]!.lastFailure?.kind).toBe('search_not_found');
    expect(proposer.requests[1]!.prompt.user).toContain('Its first line is "y = 1"');
  });

  test('a reply without any code block is recorded as failed', async () => {
    await run({ max_iterations: 1 }, { proposer: replying('The program is fine as it is.') });
    expect((await journal())[1]).toMatchObject({ score: null, error: { kind: 'no_edit' } });
  });

  test('a program that was evaluated before costs no evaluation', async () => {
    const proposer = replying(edit('x = 0', 'x = 1'));
    const evaluator = scoring((x) => -x);
    await run(
      { max_iterations: 3, database: { num_islands: 1, exploration_ratio: 0, exploitation_ratio: 1, archive_size: 1 } },
      { proposer, evaluator },
    );
    expect(evaluator.calls).toBe(2);
    expect((await journal()).map(({ error }) => error?.kind ?? null)).toEqual([null, null, 'duplicate', 'duplicate']);
  });

  test('metrics without combined_score are averaged, which is said once', async () => {
    const problems: string[] = [];
    const evaluator: Evaluator = {
      evaluate: async () => ({ metrics: { speed: 1, accuracy: 3 }, artifacts: {}, error: null, durationMs: 1 }),
      close: async () => {},
    };
    const onEvent = (event: EvolutionEvent) => event.type === 'problem' && problems.push(event.message);
    const result = await run({ max_iterations: 3 }, { evaluator, onEvent });
    expect(result.initialScore).toBe(2);
    expect(problems).toEqual([expect.stringContaining('no combined_score')]);
  });

  test('a program without a metric that is a feature dimension is a failed iteration with that reason', async () => {
    const evaluator = parabola();
    const evaluate = evaluator.evaluate.bind(evaluator);
    evaluator.evaluate = async (program, options) => {
      const evaluation = await evaluate(program, options);
      return evaluator.calls === 3 ? evaluation : { ...evaluation, metrics: { ...evaluation.metrics, size: 7 } };
    };
    const settings = { max_iterations: 5, database: { feature_dimensions: ['size'] } };
    expect(await run(settings, { evaluator })).toMatchObject({ status: 'finished', completed: 5 });
    expect((await journal())[2]).toMatchObject({ score: null, error: { kind: 'missing_feature' } });
  });

  test.each([
    ['nothing', undefined],
    ['no text', { model: null, usage: [] }],
    ['a usage that is none', { text: '', model: null, usage: [{ inputTokens: 1.5 }] }],
  ])('a proposer that answers with %s costs the iteration, not the run', async (_, answer) => {
    const proposer: Proposer = { propose: async () => answer as never };
    expect(await run({ max_iterations: 3 }, { proposer })).toMatchObject({ status: 'finished', completed: 3 });
    expect((await journal())[1]!.error).toMatchObject({
      kind: 'model',
      message: expect.stringContaining('no proposal'),
    });
  });

  test('an evaluator that answers with a metric that is not finite costs the iteration and says which', async () => {
    const evaluator = scoring((x, calls) => (calls === 2 ? Number.NaN : x));
    await run({ max_iterations: 3 }, { evaluator });
    expect((await journal())[2]!.error).toMatchObject({
      kind: 'invalid_result',
      message: expect.stringContaining('metrics.combined_score'),
    });
  });

  test('a proposer whose observe or snapshot throws is told of, and the run goes on', async () => {
    const proposer = new Stepper();
    proposer.observe = () => {
      throw new Error('no memory');
    };
    proposer.snapshot = () => {
      throw new Error('no snapshot');
    };
    const problems: string[] = [];
    const onEvent = (event: EvolutionEvent) => event.type === 'problem' && problems.push(event.message);
    expect(await run({ max_iterations: 3 }, { proposer, onEvent })).toMatchObject({ status: 'finished', completed: 3 });
    expect(problems).toContainEqual(expect.stringContaining('no memory'));
    expect(problems).toContainEqual(expect.stringContaining('Checkpoint 3 could not be written'));
    expect(await readManifest(runDir())).toMatchObject({ status: 'finished' });
  });

  test('a best program that could not be saved is saved as soon as that works again', async () => {
    mkdirSync(runDir());
    writeFileSync(join(runDir(), 'best'), 'in the way');
    const problems: string[] = [];
    const onEvent = (event: EvolutionEvent) => {
      if (event.type === 'problem') problems.push(event.message);
      if (event.type === 'iteration' && event.record.iter === 10) rmSync(join(runDir(), 'best'));
    };
    const result = await run({ max_iterations: 30 }, { onEvent });
    expect(problems).toEqual([expect.stringContaining('could not be saved')]);
    expect(await readBestProgram(runDir())).toMatchObject({ id: result.best!.id });
  });

  test('an initial program beyond max_code_length and a concurrency of 0 are refused before anything is written', async () => {
    await expect(run({ max_code_length: 20 })).rejects.toThrow('Set max_code_length to at least');
    await expect(run({}, { concurrency: 0 })).rejects.toThrow('concurrency must be a whole number from 1');
    expect(existsSync(runDir())).toBe(false);
  });

  test('an evaluator that cannot work ends the run as failed and keeps what was found', async () => {
    const evaluator = parabola();
    const evaluate = evaluator.evaluate.bind(evaluator);
    evaluator.evaluate = async (program, options) => {
      if (evaluator.calls === 6) throw new Error('evaluator.js was deleted');
      return evaluate(program, options);
    };
    const result = await run({ max_iterations: 50 }, { evaluator });
    expect(result).toMatchObject({
      status: 'failed',
      stopReason: 'error',
      error: 'evaluator.js was deleted',
      completed: 5,
    });
    expect(readdirSync(join(runDir(), 'checkpoints'))).toEqual(['checkpoint_5']);
  });

  test('a listener that throws does not disturb the run', async () => {
    const result = await run(
      { max_iterations: 5 },
      {
        onEvent() {
          throw new Error('broken pipe');
        },
      },
    );
    expect(result.completed).toBe(5);
  });

  test('unbalanced EVOLVE-BLOCK markers are refused before anything is written', async () => {
    const broken = { code: '// EVOLVE-BLOCK-START\nx = 0\n', extension: '.js' };
    await expect(run({}, { initialProgram: broken })).rejects.toThrow('line 1 starts is never ended');
    expect(existsSync(runDir())).toBe(false);
  });

  test('a directory that holds a run is refused', async () => {
    await run({ max_iterations: 2 });
    await expect(run({ max_iterations: 2 })).rejects.toThrow('already holds one');
  });
});

/** Makes every edit start from the initial line, whatever the parent has. */
function rebased(proposer: Proposer): Proposer {
  return {
    async propose(request, options) {
      const proposal = await proposer.propose(request, options);
      return { ...proposal, text: proposal.text.replace('x = 0', `x = ${xOf(request.parent.code)}`) };
    },
  };
}

describe('stopping', () => {
  /** An evaluator whose evaluations, but for the first, end only when told or aborted. */
  function gated() {
    const gates: (() => void)[] = [];
    let arrived: () => void = () => {};
    const evaluator: Evaluator = {
      async evaluate({ code }, { signal }) {
        const x = Number(xOf(code));
        if (x !== 0) {
          await new Promise<void>((resolve, reject) => {
            gates.push(resolve);
            signal.addEventListener('abort', () => reject(signal.reason), { once: true });
            arrived();
          });
        }
        return { metrics: { combined_score: x }, artifacts: {}, error: null, durationMs: 1 };
      },
      close: async () => {},
    };
    const waiting = (count: number) =>
      new Promise<void>((resolve) => {
        arrived = () => gates.length >= count && resolve();
        arrived();
      });
    return { evaluator, gates, waiting };
  }

  test('stopSignal starts nothing new, lets what is in flight end, and writes a last checkpoint', async () => {
    const stop = new AbortController();
    const { evaluator, gates, waiting } = gated();
    const running = run({ max_iterations: 50 }, { evaluator, concurrency: 2, stopSignal: stop.signal });
    await waiting(2);
    stop.abort();
    for (const open of gates) open();
    expect(await running).toMatchObject({ status: 'stopped', stopReason: 'user', completed: 2, error: null });
    expect(readdirSync(join(runDir(), 'checkpoints'))).toEqual(['checkpoint_2']);
    expect(await readManifest(runDir())).toMatchObject({ status: 'stopped', stopReason: 'user' });
  });

  test('signal cancels what is in flight at once, records none of it, and still writes a last checkpoint', async () => {
    const abort = new AbortController();
    const { evaluator, waiting } = gated();
    const running = run({ max_iterations: 50 }, { evaluator, concurrency: 2, signal: abort.signal });
    await waiting(2);
    abort.abort();
    expect(await running).toMatchObject({ status: 'stopped', stopReason: 'user', completed: 0 });
    expect((await journal()).map(({ iter }) => iter)).toEqual([0]);
    expect(readdirSync(join(runDir(), 'checkpoints'))).toEqual(['checkpoint_0']);
  });

  test('signal ends a run whose proposer never answers and does not listen', async () => {
    const abort = new AbortController();
    const proposer: Proposer = {
      propose: () => {
        abort.abort();
        return new Promise(() => {});
      },
    };
    expect(await run({ max_iterations: 5 }, { proposer, signal: abort.signal })).toMatchObject({ status: 'stopped' });
    expect(await readManifest(runDir())).toMatchObject({ status: 'stopped' });
  });

  test('a stop is heard while every iteration fails without waiting for anything', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    const settings = { max_iterations: 1_000_000, checkpoint_interval: 1_000_000 };
    const result = await run(settings, { proposer: replying('no edit'), stopSignal: stop.signal });
    expect(result).toMatchObject({ status: 'stopped', stopReason: 'user' });
  });

  test('a run that is stopped before it starts evaluates nothing', async () => {
    const evaluator = parabola();
    const result = await run({ max_iterations: 5 }, { evaluator, stopSignal: AbortSignal.abort() });
    expect(result).toMatchObject({ status: 'stopped', completed: 0, best: null });
    expect(evaluator.calls).toBe(0);
  });
});

describe('resuming', () => {
  const settings = (max_iterations: number) => ({
    max_iterations,
    checkpoint_interval: 10,
    database: { num_islands: 2, migration_interval: 5, population_size: 12 },
  });

  /** Cuts a finished run back to what a crash would have left. */
  async function broken(name: string, { checkpoints, lines }: { checkpoints: number[]; lines: number }) {
    await run(settings(34), { runDir: runDir(name) });
    for (const folder of readdirSync(join(runDir(name), 'checkpoints'))) {
      if (!checkpoints.includes(Number(folder.split('_')[1])))
        rmSync(join(runDir(name), 'checkpoints', folder), { recursive: true });
    }
    for (const file of ['programs.jsonl', 'progress.jsonl']) {
      const kept = readFileSync(join(runDir(name), file), 'utf8')
        .split('\n')
        .slice(0, lines);
      writeFileSync(join(runDir(name), file), `${kept.join('\n')}\n`);
    }
  }

  test.each([
    ['the newest checkpoint and the journal after it', { checkpoints: [10, 20], lines: 28 }],
    ['the journal alone', { checkpoints: [], lines: 28 }],
    ['a checkpoint that the journal ends with', { checkpoints: [20], lines: 21 }],
  ])('goes on from %s as if nothing had happened', async (_, left) => {
    await run(settings(60), { runDir: runDir('unbroken') });
    await broken('broken', left);
    const result = await run(settings(60), { runDir: runDir('broken'), resume: true });
    expect(result).toMatchObject({ status: 'finished', completed: 60 });
    expect(await findings(runDir('broken'))).toEqual(await findings(runDir('unbroken')));
    expect(await scoresOfFeed(runDir('broken'))).toEqual(await scoresOfFeed(runDir('unbroken')));
  });

  test('a line that a crash cut off is done again, and the feed gets what the journal has more', async () => {
    await broken('torn', { checkpoints: [20], lines: 28 });
    const path = (file: string) => join(runDir('torn'), file);
    const text = readFileSync(path('programs.jsonl'), 'utf8');
    writeFileSync(path('programs.jsonl'), text.slice(0, -30));
    const feed = readFileSync(path('progress.jsonl'), 'utf8').split('\n');
    writeFileSync(path('progress.jsonl'), `${feed.slice(0, 25).join('\n')}\n${feed[25]!.slice(0, 20)}`);
    await run(settings(60), { runDir: runDir('unbroken') });
    await run(settings(60), { runDir: runDir('torn'), resume: true });
    expect(await findings(runDir('torn'))).toEqual(await findings(runDir('unbroken')));
    expect(await scoresOfFeed(runDir('torn'))).toEqual(await scoresOfFeed(runDir('unbroken')));
  });

  test('a checkpoint that cannot be read is passed over, which is said', async () => {
    await broken('damaged', { checkpoints: [10, 20], lines: 28 });
    writeFileSync(join(runDir('damaged'), 'checkpoints', 'checkpoint_20', 'metadata.json'), '{"kai": {}}');
    const events: EvolutionEvent[] = [];
    await run(settings(40), { runDir: runDir('damaged'), resume: true, onEvent: (event) => events.push(event) });
    expect(events).toContainEqual({ type: 'resumed', checkpoint: 10, replayed: 17, completed: 27 });
    expect(events).toContainEqual({ type: 'problem', message: expect.stringContaining('Checkpoint 20') });
  });

  test('best/ holds the best program again after a crash before it was written', async () => {
    await broken('stale', { checkpoints: [20], lines: 28 });
    rmSync(join(runDir('stale'), 'best'), { recursive: true });
    const result = await run(settings(28), { runDir: runDir('stale'), resume: true });
    expect(await readBestProgram(runDir('stale'))).toMatchObject({ id: result.best!.id });
  });

  test('a run that ended before its initial program was scored starts with that', async () => {
    await run(settings(20), { stopSignal: AbortSignal.abort() });
    expect(await run(settings(20), { resume: true })).toMatchObject({ status: 'finished', completed: 20 });
  });

  test('a proposer that cannot use its snapshot learns from the journal', async () => {
    await run(settings(20));
    const proposer = new Stepper();
    proposer.restore = () => {
      throw new Error('another version');
    };
    const events: EvolutionEvent[] = [];
    await run(settings(22), { resume: true, proposer, onEvent: (event) => events.push(event) });
    expect(events).toContainEqual({ type: 'problem', message: expect.stringContaining('another version') });
    expect(proposer.outcomes.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 22 }, (_, n) => n + 1));
  });

  test('another number of islands is refused, and what the directory says of its run stays', async () => {
    await run(settings(20));
    const before = await readManifest(runDir());
    const other = { ...settings(30), database: { num_islands: 5 } };
    await expect(run(other, { resume: true })).rejects.toThrow('made with 2 islands');
    expect(await readManifest(runDir())).toEqual(before);
  });

  test('a run whose iterations are all done ends at once', async () => {
    await run(settings(20));
    const evaluator = parabola();
    const result = await run(settings(20), { resume: true, evaluator });
    expect(result).toMatchObject({ status: 'finished', stopReason: 'max_iterations', completed: 20 });
    expect(evaluator.calls).toBe(0);
  });

  test('a run without a scored program cannot be resumed', async () => {
    await run({ max_iterations: 5 }, { evaluator: scoring(() => ({ kind: 'threw', message: 'no' })) });
    await expect(run({ max_iterations: 5 }, { resume: true })).rejects.toThrow('Nothing to resume');
  });
});
