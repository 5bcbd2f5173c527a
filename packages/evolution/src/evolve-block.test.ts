import { describe, expect, test } from 'vitest';
import { findEvolveBlocks, fixedParts } from './evolve-block.ts';

const code = ['import a;', '# EVOLVE-BLOCK-START', 'x = 1', '# EVOLVE-BLOCK-END', 'print(x)', ''].join('\n');

describe('findEvolveBlocks', () => {
  test('gives the text between the marker lines', () => {
    const { blocks, marked } = findEvolveBlocks(code);
    expect(marked).toBe(true);
    expect(blocks.map(({ start, end }) => code.slice(start, end))).toEqual(['x = 1\n']);
  });

  test('finds several blocks in any comment style', () => {
    const text = '// EVOLVE-BLOCK-START\na\n// EVOLVE-BLOCK-END\n/* EVOLVE-BLOCK-START */\nb\n/* EVOLVE-BLOCK-END */';
    const { blocks } = findEvolveBlocks(text);
    expect(blocks.map(({ start, end }) => text.slice(start, end))).toEqual(['a\n', 'b\n']);
  });

  test('takes a program without markers as one block', () => {
    expect(findEvolveBlocks('x = 1')).toEqual({ blocks: [{ start: 0, end: 5 }], marked: false });
    expect(fixedParts('x = 1')).toEqual([]);
  });

  test('finds an empty block', () => {
    const text = '# EVOLVE-BLOCK-START\n# EVOLVE-BLOCK-END';
    expect(findEvolveBlocks(text).blocks).toEqual([{ start: 21, end: 21 }]);
  });

  test.each([
    ['# EVOLVE-BLOCK-START\nx', 'line 1 starts is never ended'],
    ['x\n# EVOLVE-BLOCK-END', 'line 2 ends an EVOLVE-BLOCK that was never started'],
    ['# EVOLVE-BLOCK-START\n# EVOLVE-BLOCK-START\n', 'line 2 starts an EVOLVE-BLOCK inside the one that line 1'],
  ])('refuses unbalanced markers and names the line: %j', (text, message) => {
    expect(() => findEvolveBlocks(text)).toThrow(message);
  });
});

test('fixedParts holds everything but the blocks', () => {
  expect(fixedParts(code)).toEqual(['import a;\n# EVOLVE-BLOCK-START\n', '# EVOLVE-BLOCK-END\nprint(x)\n']);
});
