import { expect, test } from 'vitest';
import { parseManifest } from './manifest.ts';
import { explainStatus, isActive, type StatusFacts, statusOf } from './status.ts';

const now = 10_000;
const running = parseManifest({ status: 'running', started_at: 9000, heartbeat_at: 9999, next_heartbeat_by: 10_014 });
const busy = { ...running, inFlight: [{ slot: 0, iter: 5, phase: 'evaluating' as const, since: 9300 }] };
const facts: StatusFacts = {
  manifest: running,
  processAlive: true,
  now,
  lastIterationAt: 9990,
  recentGaps: [2, 2, 3],
  changedAt: 9990,
};

const rows: [string, string, Partial<StatusFacts>][] = [
  ['its process lives', 'running', {}],
  ['its process is gone', 'interrupted', { processAlive: false }],
  [
    'its process is gone while it waited',
    'interrupted',
    { manifest: { ...running, status: 'waiting' }, processAlive: false },
  ],
  ['another host keeps its heartbeat', 'running', { processAlive: null }],
  [
    'the heartbeat of another host is late, within the margin for clock skew',
    'running',
    { processAlive: null, manifest: { ...running, nextHeartbeatBy: now - 29 } },
  ],
  [
    'the heartbeat of another host is overdue',
    'interrupted',
    { processAlive: null, manifest: { ...running, nextHeartbeatBy: now - 31 } },
  ],
  [
    'another writer promises no heartbeat and wrote lately',
    'running',
    { processAlive: null, manifest: { ...running, nextHeartbeatBy: null }, changedAt: now - 59 },
  ],
  [
    'another writer promises no heartbeat and wrote long ago',
    'interrupted',
    { processAlive: null, manifest: { ...running, nextHeartbeatBy: null }, changedAt: now - 61 },
  ],
  [
    'another host whose clock is ten minutes behind, but whose file was written just now',
    'running',
    { processAlive: null, now: now + 600, manifestChangedAt: now + 590 },
  ],
  [
    'another host whose clock is ten minutes ahead, and whose heartbeat this reader has not seen change for 46 s',
    'interrupted',
    {
      processAlive: null,
      manifest: { ...running, heartbeatAt: now + 600, nextHeartbeatBy: now + 615 },
      heartbeatSeen: { seconds: 46, isChange: false },
    },
  ],
  [
    'the clock is set an hour ahead after this reader saw the heartbeat of another host',
    'running',
    { processAlive: null, now: now + 3600, heartbeatSeen: { seconds: 4, isChange: true }, lastIterationAt: now + 3590 },
  ],
  [
    'the clock is set an hour back, and the heartbeat of another host stops',
    'interrupted',
    { processAlive: null, now: now - 3600, heartbeatSeen: { seconds: 46, isChange: true } },
  ],
  ['the clock is set an hour back', 'running', { now: now - 3600 }],
  [
    'the clock is set an hour ahead while iterations come',
    'running',
    { now: now + 3600, iterationSeen: { seconds: 5, isChange: true } },
  ],
  [
    'iterations that this reader saw come stop, whatever the clock says',
    'stalled',
    { now: now - 3600, iterationSeen: { seconds: 61, isChange: true } },
  ],
  ['its process is suspended', 'stalled', { processSuspended: true }],
  [
    'its process is suspended while it waits',
    'stalled',
    { processSuspended: true, manifest: { ...running, status: 'waiting' } },
  ],
  ['the machine slept for hours and the heartbeat is not back yet', 'stalled', { now: now + 30_000, manifest: busy }],
  [
    'the machine slept for hours and the heartbeat is back, before any iteration',
    'running',
    { now: now + 30_000, manifest: { ...busy, heartbeatAt: now + 29_999, nextHeartbeatBy: now + 30_014 } },
  ],
  ['it says that it waits', 'waiting', { manifest: { ...running, status: 'waiting' } }],
  ['no iteration for 59 s', 'running', { lastIterationAt: now - 59 }],
  ['no iteration for 61 s and nothing in flight', 'stalled', { lastIterationAt: now - 61 }],
  ['slow iterations allow ten times their median', 'running', { lastIterationAt: now - 199, recentGaps: [1, 20, 500] }],
  ['more than ten times the median', 'stalled', { lastIterationAt: now - 201, recentGaps: [1, 20, 500] }],
  [
    'the median of an even number of gaps lies between',
    'running',
    { lastIterationAt: now - 149, recentGaps: [10, 20] },
  ],
  ['a long evaluation explains the quiet', 'running', { lastIterationAt: now - 700, manifest: busy }],
  [
    'a suspended process explains nothing: its heartbeat stopped too',
    'stalled',
    { lastIterationAt: now - 700, manifest: { ...busy, nextHeartbeatBy: now - 600 } },
  ],
  [
    'a slot that only waits for a turn does not explain the quiet for ever',
    'stalled',
    {
      lastIterationAt: now - 700,
      manifest: { ...running, inFlight: [{ slot: 0, iter: 5, phase: 'waiting', since: now - 650 }] },
    },
  ],
  [
    'no iteration yet, started a moment ago',
    'running',
    { lastIterationAt: null, manifest: { ...running, startedAt: now - 5 } },
  ],
  [
    'resumed a moment ago after days',
    'running',
    { lastIterationAt: 500, manifest: { ...running, processStartedAt: now - 5 } },
  ],
  ['a writer that tells no times', 'running', { lastIterationAt: null, manifest: { ...running, startedAt: null } }],
  ['it finished', 'finished', { manifest: { ...running, status: 'finished' }, processAlive: false }],
  ['the user stopped it', 'stopped', { manifest: { ...running, status: 'stopped' }, processAlive: false }],
  ['it ended by an error', 'failed', { manifest: { ...running, status: 'failed' }, processAlive: false }],
  ['no run.json, changed 60 s ago', 'running', { manifest: null, changedAt: now - 60 }],
  ['no run.json, unchanged for longer', 'idle', { manifest: null, changedAt: now - 61 }],
  ['no directory', 'idle', { manifest: null, changedAt: null }],
];

test.each(rows)('%s: %s', (_when, status, change) => {
  expect(statusOf({ ...facts, ...change })).toBe(status);
});

test('a status that run.json does not say itself comes with its reason', () => {
  const reasonOf = (change: Partial<StatusFacts>) => explainStatus({ ...facts, ...change }).reason;
  expect(reasonOf({})).toBeNull();
  expect(reasonOf({ processAlive: false })).toBe('process_gone');
  expect(reasonOf({ processAlive: null, manifest: { ...running, nextHeartbeatBy: 9000 } })).toBe('heartbeat_overdue');
  expect(reasonOf({ processSuspended: true })).toBe('suspended');
  expect(reasonOf({ lastIterationAt: 9000 })).toBe('no_iteration');
  expect(reasonOf({ manifest: null, changedAt: 9000 })).toBe('unchanged');
});

test('running, waiting and stalled runs are active, all others are not', () => {
  const statuses = ['running', 'waiting', 'stalled', 'finished', 'stopped', 'failed', 'interrupted', 'idle'] as const;
  expect(statuses.filter((status) => isActive({ status }))).toEqual(['running', 'waiting', 'stalled']);
});
