import { expect, test } from 'vitest';
import type { Program } from './program.ts';
import { buildPrompt } from './prompt.ts';

function program(overrides: Partial<Program>): Program {
  return {
    id: 'a',
    code: 'x = 1',
    parentId: null,
    island: 0,
    generation: 0,
    iteration: 0,
    ts: 0,
    metrics: { combined_score: 2, speed: 7 },
    score: 2,
    complexity: 5,
    diversity: 0,
    changes: null,
    artifacts: {},
    lastFailure: null,
    ...overrides,
  };
}

const input = {
  systemMessage: 'You improve programs.',
  language: 'python',
  direction: 'maximize' as const,
  parent: program({}),
  inspirations: [],
  lastFailure: null,
};

test('a prompt shows the program with its metrics and says how to answer', () => {
  const { system, user } = buildPrompt(input);
  expect(system).toBe('You improve programs.');
  expect(user).toContain('score gets higher');
  expect(user).toContain('- speed: 7');
  expect(user).toContain('```python\nx = 1\n```');
  expect(user).toContain('<<<<<<< SEARCH');
  expect(user).not.toContain('inspiration');
});

test('inspirations, output and the last failure are shown where there are any', () => {
  const { user } = buildPrompt({
    ...input,
    direction: 'minimize',
    parent: program({ artifacts: { stderr: 'warning: slow', stdout: '' } }),
    inspirations: [program({ id: 'b', code: 'x = 9', score: 1.5 })],
    lastFailure: { kind: 'search_not_found', message: 'SEARCH block 1 of 1 does not occur' },
  });
  expect(user).toContain('score gets lower');
  expect(user).toContain('## stderr\n```\nwarning: slow\n```');
  expect(user).not.toContain('## stdout');
  expect(user).toContain('## Score 1.5\n```python\nx = 9\n```');
  expect(user).toContain('search_not_found: SEARCH block 1 of 1 does not occur');
});

test('long output is cut, which is said', () => {
  const { user } = buildPrompt({ ...input, parent: program({ artifacts: { stderr: 'e'.repeat(10_000) } }) });
  expect(user).toContain('[cut]');
  expect(user.length).toBeLessThan(6000);
});
