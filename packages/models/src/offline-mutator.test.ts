import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOfflineMutator, offlineOperators } from './offline-mutator.ts';
import type { ProgramView, Proposal, ProposalOutcome, ProposalRequest } from './proposer.ts';

const signal = new AbortController().signal;

/** Applies SEARCH/REPLACE blocks as the controller does: each to the first occurrence of whole lines. */
function applyText(code: string, text: string): string {
  let lines = code.split('\n');
  const blocks = [...text.matchAll(/<<<<<<< SEARCH\n([\s\S]*?)\n=======\n([\s\S]*?)\n>>>>>>> REPLACE\n/g)];
  if (blocks.length === 0) throw new Error(`no block in ${text}`);
  for (const [, search, replace] of blocks) {
    const wanted = search!.split('\n');
    const at = lines.findIndex((_, index) => wanted.every((line, offset) => lines[index + offset] === line));
    if (at < 0) throw new Error(`not found: ${search}`);
    // The first occurrence as text must be the same place.
    expect(lines.join('\n').indexOf(search!)).toBe(lines.slice(0, at).join('\n').length + (at > 0 ? 1 : 0));
    lines = [...lines.slice(0, at), ...replace!.split('\n'), ...lines.slice(at + wanted.length)];
  }
  return lines.join('\n');
}

function view(code: string, score: number | null = 1): ProgramView {
  return { id: `program-${code.length}`, code, score, metrics: {}, generation: 0 };
}

function request(code: string, seed: string, rest: Partial<ProposalRequest> = {}): ProposalRequest {
  return {
    iteration: 1,
    seed,
    prompt: { system: '', user: '' },
    language: 'javascript',
    direction: 'maximize',
    parent: view(code),
    inspirations: [],
    lastFailure: null,
    ...rest,
  };
}

/** The text before the first marker's line end and from the last marker on. */
function outside(code: string): [string, string] {
  const start = code.indexOf('\n', code.indexOf('EVOLVE-BLOCK-START'));
  return [code.slice(0, start), code.slice(code.lastIndexOf('\n', code.indexOf('EVOLVE-BLOCK-END')))];
}

const packing = `const fixed = 0.25;
// EVOLVE-BLOCK-START
// One of 3 lists, step 0.5
const points = [
  [0.1, 0.2],
  [0.3, 0.4],
  [0.5, 0.6],
  [0.3, 0.4],
  [-0.7, 0.8],
];
const label = 'keep 0.5 < 7';
function total(limit) {
  let sum = 0;
  for (let i = 0; i < points.length; i++) {
    if (sum < limit && i > 2) sum += Math.min(points[i][0], 3 * points[i][1]);
  }
  return sum - 1.0;
}
// EVOLVE-BLOCK-END
console.log(total(1.5), fixed);
`;
const relative = packing
  .replace('[0.3, 0.4]', '[0.35, 0.45]')
  .replace('[0.5, 0.6]', '[0.9, 0.1]')
  .replace('  return sum - 1.0;', '  const extra = sum / 7;\n  return sum - 2.0;');

const samples: Record<string, string> = {
  javascript: packing,
  python: `import sys
# EVOLVE-BLOCK-START
"""Weights 1 to 3: 0.5, 0.25."""
WEIGHTS = [0.5, 0.25, 0.125]

def score(x):  # scale by 2.5
    total = 0.0
    for i, w in enumerate(WEIGHTS):
        if x > 1 and i < 3:
            total += w * x ** 2
    return total - 1e-3
# EVOLVE-BLOCK-END
print(score(float(sys.argv[1])))
`,
  c: `#include <stdio.h>
/* EVOLVE-BLOCK-START */
#define N 26
static const double c[3] = { 0.1f, 2.50, -3e-2 };
double f(double x) { /* about 7.5 */
  char q = '9';
  return x * c[0] + c[1] / 2.0 - (x < 4 ? c[2] : 1.0);
}
/* EVOLVE-BLOCK-END */
int main(void) { printf("%f", f(1.0)); }
`,
  brainfrock: `%% EVOLVE-BLOCK-START
let gain := 0.75
let rate := 12
emit gain * rate + 3.5
%% EVOLVE-BLOCK-END
done 9
`,
};

describe('the offline mutator', () => {
  it.each(offlineOperators)(
    '%s makes blocks that apply, change the program and stay inside the markers',
    async (name) => {
      const mutator = createOfflineMutator({ operators: [name] });
      const children = new Set<string>();
      for (let seed = 0; seed < 40; seed++) {
        const proposal = await mutator.propose(request(packing, `${seed}`, { inspirations: [view(relative, 2)] }), {
          signal,
        });
        const child = applyText(packing, proposal.text);
        expect(proposal).toMatchObject({ model: name, usage: [] });
        expect(child).not.toBe(packing);
        expect(outside(child)).toEqual(outside(packing));
        children.add(child);
      }
      expect(children.size).toBeGreaterThan(1);
    },
  );

  it.each(Object.keys(samples))('mutates %s and leaves its strings and comments alone', async (language) => {
    const code = samples[language]!;
    const mutator = createOfflineMutator({
      operators: ['offline/step', 'offline/step-many', 'offline/count', 'offline/operator'],
    });
    const protectedText = ['step 0.5', "'keep 0.5 < 7'", 'Weights 1 to 3: 0.5, 0.25.', 'by 2.5', 'about 7.5', "'9'"];
    for (let seed = 0; seed < 60; seed++) {
      const { text } = await mutator.propose(request(code, `${seed}`, { language }), { signal });
      const child = applyText(code, text);
      expect(child).not.toBe(code);
      expect(child.split('\n')).toHaveLength(code.split('\n').length);
      expect(protectedText.filter((part) => child.includes(part))).toEqual(
        protectedText.filter((part) => code.includes(part)),
      );
    }
  });

  it('gives the same proposal for the same seed, and another for another', async () => {
    const propose = (seed: string) => createOfflineMutator().propose(request(packing, seed), { signal });
    expect(await propose('ab12')).toEqual(await propose('ab12'));
    expect(await propose('ab13')).not.toEqual(await propose('ab12'));
  });

  it('continues from a snapshot, or from replayed outcomes, exactly as it would have gone on', async () => {
    const original = createOfflineMutator();
    const outcomes: ProposalOutcome[] = [];
    for (let i = 0; i < 100; i++) {
      const { model } = await original.propose(request(packing, `a${i}`, { inspirations: [view(relative, 2)] }), {
        signal,
      });
      const score = i % 3 === 0 ? 1 + i / 100 : null;
      const error = score === null ? { kind: 'crash', message: 'no' } : null;
      const outcome = { iteration: i, model, parentScore: 1, score, improved: score !== null && score > 1, error };
      original.observe(outcome);
      outcomes.push(outcome);
    }
    const restored = createOfflineMutator();
    restored.restore(JSON.parse(JSON.stringify(original.snapshot())));
    const replayed = createOfflineMutator();
    for (const outcome of outcomes) replayed.observe(outcome);

    expect(replayed.snapshot()).toEqual(original.snapshot());
    const next = (mutator: typeof original): Promise<Proposal[]> =>
      Promise.all(['x', 'y', 'z'].map((seed) => mutator.propose(request(packing, seed), { signal })));
    expect(await next(restored)).toEqual(await next(original));
    expect(await next(replayed)).toEqual(await next(original));
  });

  it('refuses a state that no snapshot made', () => {
    expect(() => createOfflineMutator().restore({ version: 9 })).toThrow('Could not restore the offline mutator');
  });

  it('rejects with the reason of the signal when it is aborted', async () => {
    const reason = new Error('stop');
    const options = { signal: AbortSignal.abort(reason) };
    await expect(createOfflineMutator().propose(request(packing, '1'), options)).rejects.toBe(reason);
  });

  it.each([
    ['an empty block', '# EVOLVE-BLOCK-START\n# EVOLVE-BLOCK-END\nx = 1\n', 'found no line of code'],
    ['a block with nothing but a comment', '# EVOLVE-BLOCK-START\n# 1\n# EVOLVE-BLOCK-END\n', 'found no line of code'],
    ['a single word', 'pass\n', 'found no line of code that no operator', 'found 1 line of code'],
    ['a start without an end', '# EVOLVE-BLOCK-START\nx = 1\n', 'the marker in line 1 has no partner'],
    ['an end without a start', 'x = 1\n# EVOLVE-BLOCK-END\n', 'the marker in line 2 has no partner'],
  ])('says what is wrong with %s', async (_, code, ...messages) => {
    const proposal = createOfflineMutator({ operators: ['offline/step', 'offline/delete'] }).propose(
      request(code, '1', { language: 'python' }),
      { signal },
    );
    await expect(proposal).rejects.toThrow(messages.at(-1));
  });

  it('finds several blocks and changes each of them, also where their lines are the same', async () => {
    const code =
      'a = 1.5\n# EVOLVE-BLOCK-START\na = 1.5\nb = 2.5\n# EVOLVE-BLOCK-END\na = 1.5\n# EVOLVE-BLOCK-START\na = 1.5\nc = 3.5\n# EVOLVE-BLOCK-END\n';
    const changed = new Set<number>();
    for (let seed = 0; seed < 60; seed++) {
      const mutator = createOfflineMutator({ operators: ['offline/step'] });
      const { text } = await mutator.propose(request(code, `${seed}`, { language: 'python' }), { signal });
      const lines = applyText(code, text).split('\n');
      for (const [index, line] of code.split('\n').entries()) if (lines[index] !== line) changed.add(index);
    }
    // Lines 2 and 7 read as the fixed lines 0 and 5: only the lines after them tell them apart.
    expect([...changed].sort()).toEqual([2, 3, 7, 8]);
  });

  it('never fails on a random program unless it has nothing to mutate, and keeps the markers', async () => {
    const line = fc.oneof(
      fc.constantFrom(
        '',
        '}',
        'if (x < 3) {',
        'y = "a',
        "z = 'it''s'",
        '/* open',
        '`',
        '=======',
        '  [0.5, 1],',
        'a--1',
      ),
      fc
        .tuple(fc.stringMatching(/^[a-z ]{0,6}$/), fc.double({ noNaN: true }))
        .map(([name, value]) => `${name} = ${value};`),
      fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll(/[\n\r]/g, ' ')),
    );
    const program = fc.array(line, { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        program,
        program,
        fc.constantFrom('javascript', 'python', 'rust', 'text'),
        fc.nat(),
        async (a, b, language, seed) => {
          const wrap = (lines: string[]) =>
            ['top 1', '// EVOLVE-BLOCK-START', ...lines, '// EVOLVE-BLOCK-END', 'end 2'].join('\n');
          const code = wrap(a);
          const rest = { language, inspirations: [view(wrap(b), null)] };
          const proposal = await createOfflineMutator()
            .propose(request(code, seed.toString(16), rest), { signal })
            .catch((error) => {
              expect(error).toMatchObject({ code: 'nothing_to_mutate' });
              return null;
            });
          if (!proposal) return;
          const child = applyText(code, proposal.text);
          expect(child).not.toBe(code);
          expect(child.startsWith('top 1\n// EVOLVE-BLOCK-START\n')).toBe(true);
          expect(child.endsWith('\n// EVOLVE-BLOCK-END\nend 2')).toBe(true);
          expect(child.match(/EVOLVE-BLOCK/g)).toHaveLength(2);
        },
      ),
      { numRuns: 400 },
    );
  });
});
