import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logLine, RunLog } from './run-log.ts';

test('each event is one line with its time, whatever its text holds', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'kai-log-')), 'logs', 'kai.log');
  const log = new RunLog(path, { now: () => new Date(0) });
  log.write(logLine({ type: 'problem', message: 'two\nlines \x1b[31mred' }));
  log.write(logLine({ type: 'stopping', reason: 'target_score' }));
  log.close();
  expect(await readFile(path, 'utf8')).toBe(
    '1970-01-01T00:00:00.000Z problem: two ⏎ lines red\n1970-01-01T00:00:00.000Z stopping: target_score\n',
  );
});

test('a log that cannot be written disturbs nothing', () => {
  const log = new RunLog('/dev/null/logs/kai.log');
  log.write('unheard');
  log.close();
});
