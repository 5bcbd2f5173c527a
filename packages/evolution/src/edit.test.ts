import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEdit } from './edit.ts';

const parent = [
  'import math',
  '# EVOLVE-BLOCK-START',
  'def f(x):',
  '    a = 1',
  '    b = 2',
  '    return a * x + b',
  '# EVOLVE-BLOCK-END',
  'print(f(3))',
  '',
].join('\n');

const block = (search: string, replace: string) =>
  `<<<<<<< SEARCH\n${search}\n=======\n${replace}${replace === '' ? '' : '\n'}>>>>>>> REPLACE`;

const apply = (reply: string, { code = parent, maxCodeLength = 10_000, language = 'python' } = {}) =>
  applyEdit(code, reply, { maxCodeLength, language });

describe('applyEdit', () => {
  test('replaces the lines that a SEARCH block quotes', () => {
    expect(apply(`I change one number.\n${block('    a = 1', '    a = 5')}`)).toEqual({
      ok: true,
      code: parent.replace('a = 1', 'a = 5'),
      changes: 'a = 1 → a = 5',
    });
  });

  test('applies several blocks, each to the result of the one before', () => {
    const result = apply(
      `${block('    a = 1', '    a = 5')}\n${block('    a = 5\n    b = 2', '    a = 6\n    b = 7')}`,
    );
    expect(result).toMatchObject({ ok: true, code: parent.replace('a = 1', 'a = 6').replace('b = 2', 'b = 7') });
  });

  test('deletes whole lines when REPLACE is empty', () => {
    expect(apply(block('    b = 2', ''))).toMatchObject({
      ok: true,
      code: parent.replace('    b = 2\n', ''),
      changes: 'b = 2 → (deleted)',
    });
  });

  test('reads a reply with Windows line ends', () => {
    expect(apply(block('    a = 1', '    a = 5').replaceAll('\n', '\r\n'))).toMatchObject({
      ok: true,
      code: parent.replace('a = 1', 'a = 5'),
    });
  });

  test('keeps the Windows line ends of a program', () => {
    const code = parent.replaceAll('\n', '\r\n');
    const child = code.replace('a = 1', 'a = 5').replace('    b = 2\r\n', '');
    expect(apply(`${block('    a = 1', '    a = 5')}\n${block('    b = 2', '')}`, { code })).toMatchObject({
      code: child,
    });
  });

  test('prefers a match of whole lines to one inside a line', () => {
    const code = 'max = 10\nx = 1\n';
    expect(apply(block('x = 1', 'x = 2'), { code })).toMatchObject({ ok: true, code: 'max = 10\nx = 2\n' });
  });

  test('takes the first of several exact matches', () => {
    expect(apply(block('a', 'b'), { code: 'a\na\n' })).toMatchObject({ ok: true, code: 'b\na\n' });
  });

  test('accepts other spaces at the line borders when only one place fits', () => {
    expect(apply(block('a = 1\n  b = 2  ', '    a = 3'))).toMatchObject({
      ok: true,
      code: parent.replace('    a = 1\n    b = 2', '    a = 3'),
    });
  });

  test('refuses a loose match that fits two places', () => {
    expect(apply(block('  a', 'b'), { code: ' a\n a \n' })).toMatchObject({
      ok: false,
      error: { kind: 'search_ambiguous', message: expect.stringContaining('SEARCH block 1 of 1') },
    });
  });

  test('says which SEARCH text does not occur', () => {
    expect(apply(`${block('    a = 1', '    a = 2')}\n${block('c = 3', 'c = 4')}`)).toEqual({
      ok: false,
      error: {
        kind: 'search_not_found',
        message: 'SEARCH block 2 of 2 does not occur in the program. Its first line is "c = 3".',
      },
    });
  });

  test('refuses a SEARCH text that stands outside the EVOLVE-BLOCK', () => {
    expect(apply(block('print(f(3))', 'print(42)'))).toMatchObject({
      ok: false,
      error: { kind: 'outside_evolve_block' },
    });
  });

  test('finds a text inside the EVOLVE-BLOCK that also stands before it', () => {
    const code = 'a\n# EVOLVE-BLOCK-START\na\n# EVOLVE-BLOCK-END\n';
    expect(apply(block('a', 'b'), { code })).toMatchObject({ ok: true, code: code.replace('START\na', 'START\nb') });
  });

  test('refuses an edit that smuggles in a marker', () => {
    expect(apply(block('    a = 1', '# EVOLVE-BLOCK-END\n    a = 1\n# EVOLVE-BLOCK-START'))).toMatchObject({
      ok: false,
      error: { kind: 'outside_evolve_block' },
    });
  });

  test('takes the longest fenced code block as a whole program', () => {
    const child = parent.replace('a = 1', 'a = 9');
    expect(apply(`Run\n\`\`\`sh\npython x.py\n\`\`\`\nwith\n\`\`\`python\n${child}\`\`\`\n`)).toEqual({
      ok: true,
      code: child,
      changes: 'Full rewrite',
    });
  });

  test('refuses a whole program that changes code outside the EVOLVE-BLOCK', () => {
    expect(apply(`\`\`\`python\n${parent.replace('f(3)', 'f(4)')}\`\`\``)).toMatchObject({
      ok: false,
      error: { kind: 'outside_evolve_block' },
    });
  });

  test('prefers a fenced block in the language of the program to a longer one', () => {
    const reply = `Install it:\n\`\`\`bash\npip install a-package-with-a-long-name\n\`\`\`\n\`\`\`py\nx = 2\n\`\`\`\n`;
    expect(apply(reply, { code: 'x = 1\n' })).toMatchObject({ ok: true, code: 'x = 2\n' });
  });

  test('a fence inside a longer fence is part of the program, and one that is never closed is none', () => {
    const code = 'doc = """\n```\nexample\n```\n"""\n';
    expect(apply(`\`\`\`\`python\n${code}\`\`\`\``, { code: 'x = 1\n' })).toMatchObject({ ok: true, code });
    expect(apply('```python\nx = 2\ny = ', { code: 'x = 1\n' })).toMatchObject({ error: { kind: 'no_edit' } });
  });

  test('a whole program keeps the missing last line break of its parent', () => {
    const code = parent.replace('\nprint(f(3))\n', '');
    const child = code.replace('a = 1', 'a = 2');
    expect(apply(`\`\`\`python\n${child}\n\`\`\``, { code })).toMatchObject({ ok: true, code: child });
  });

  test('a comment ruler is no divider', () => {
    const code = '// ==========\nfoo(1)\n';
    expect(apply(block('// ==========\nfoo(1)', '// ==========\nfoo(2)'), { code })).toMatchObject({
      ok: true,
      code: '// ==========\nfoo(2)\n',
    });
  });

  test('deleting a part of a line leaves the line break', () => {
    expect(apply(block(' # c', ''), { code: 'foo(a) # c\nbar()\n' })).toMatchObject({
      ok: true,
      code: 'foo(a)\nbar()\n',
    });
  });

  test.each(['# EVOLVE-BLOCK-START\nx = 2', '# EVOLVE-BLOCK-START\nx = 2\n# EVOLVE-BLOCK-END'])(
    'a program without markers does not get any: %j',
    (replace) => {
      expect(apply(block('x = 1', replace), { code: 'x = 1\n' })).toMatchObject({
        ok: false,
        error: { kind: 'outside_evolve_block' },
      });
    },
  );

  test('refuses a reply of endless blocks, and one that is too long, at once', () => {
    expect(apply(block('    a = 1', '    a = 1').concat('\n').repeat(2000))).toMatchObject({
      error: { kind: 'too_long' },
    });
    expect(apply('x'.repeat(1_000_001))).toMatchObject({ error: { kind: 'too_long' } });
    expect(apply('<<<<<<< SEARCH\n=======\n'.repeat(40_000))).toMatchObject({ error: { kind: 'no_edit' } });
  });

  test('never throws, whatever parent and reply hold', () => {
    const line = fc.constantFrom(
      '# EVOLVE-BLOCK-START',
      '# EVOLVE-BLOCK-END',
      'x',
      '',
      '```',
      '```py',
      '<<<<<<< SEARCH',
      '=======',
      '>>>>>>> REPLACE',
    );
    const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (code, reply) => {
        expect(typeof apply(reply, { code }).ok).toBe('boolean');
      }),
      { numRuns: 500 },
    );
  });

  test('never takes prose for a program', () => {
    expect(apply('I think the program is already optimal.')).toMatchObject({ ok: false, error: { kind: 'no_edit' } });
  });

  test('refuses a reply that changes nothing', () => {
    expect(apply(block('    a = 1', '    a = 1'))).toMatchObject({ ok: false, error: { kind: 'unchanged' } });
  });

  test('refuses a child beyond max_code_length', () => {
    expect(apply(block('    a = 1', '    a = 123456'), { maxCodeLength: parent.length + 3 })).toEqual({
      ok: false,
      error: {
        kind: 'too_long',
        message: `The program would have ${parent.length + 5} characters; max_code_length allows ${parent.length + 3}.`,
      },
    });
  });

  test('whatever the reply says, code outside the EVOLVE-BLOCK stays as it is', () => {
    const line = fc.constantFrom(
      ...parent.split('\n'),
      '# EVOLVE-BLOCK-START',
      'z = 0',
      '<<<<<<< SEARCH',
      '=======',
      '',
    );
    const text = fc.array(line, { maxLength: 4 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 3 }), (edits) => {
        const result = apply(edits.map(([search, replace]) => block(search, replace)).join('\n'));
        if (!result.ok) return;
        expect(result.code.startsWith('import math\n# EVOLVE-BLOCK-START\n')).toBe(true);
        expect(result.code.endsWith('# EVOLVE-BLOCK-END\nprint(f(3))\n')).toBe(true);
      }),
    );
  });
});
