import { expect, test } from 'vitest';
import { changedNotes } from './changed-notes.ts';

test('a configuration that has changed is not used; other files are used as they are', () => {
  expect(changedNotes([])).toEqual([]);
  expect(changedNotes(['kai.yaml', 'data/points.json', 'notes.md (gone)'])).toEqual([
    'kai.yaml has changed; this run keeps the configuration it began with.',
    'Changed since the run began, and used as they are now: data/points.json, notes.md (gone).',
  ]);
  expect(changedNotes(['config.yml (gone)'])).toEqual([
    'config.yml is gone; this run keeps the configuration it began with.',
  ]);
});
