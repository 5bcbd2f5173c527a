import { expect, test } from 'vitest';
import { commandName, standingPlace } from './command-name.ts';
import { shellWord, shownPath } from './context.ts';

const script = '/home/me/kai/apps/cli/bin/kai.js';
const cwd = '/home/me/kai';

test('kai is named the way it was called', () => {
  expect(commandName({ env: {}, script: '/usr/local/bin/kai', cwd })).toBe('kai');
  expect(commandName({ env: {}, script, cwd })).toBe('node apps/cli/bin/kai.js');
  const pnpm = { npm_lifecycle_event: 'kai', npm_config_user_agent: 'pnpm/10.34.9 npm/? node/v20' };
  expect(commandName({ env: pnpm, script, cwd })).toBe('pnpm kai');
  const npm = { npm_lifecycle_event: 'kai', npm_config_user_agent: 'npm/10.8.2 node/v20' };
  expect(commandName({ env: npm, script, cwd })).toBe('npm run kai --');
  expect(commandName({ env: { ...npm, KAI_COMMAND: 'npx kai' }, script, cwd })).toBe('npx kai');
});

test('paths mean the folder in which the user called the package script', () => {
  const env = { npm_lifecycle_event: 'kai', INIT_CWD: '/home/me/kai/examples' };
  expect(standingPlace({ env, cwd })).toBe('/home/me/kai/examples');
  expect(standingPlace({ env: { INIT_CWD: '/elsewhere' }, cwd })).toBe(cwd);
});

test('paths below are shown as they would be typed, others in full', () => {
  expect(shownPath('/home/me/kai/runs/a', cwd)).toBe('runs/a');
  expect(shownPath('/home/me/other', cwd)).toBe('/home/me/other');
  expect(shownPath('/home/me/kai', cwd)).toBe('.');
  expect(shownPath('..dots', cwd)).toBe('..dots');
});

test('words that a shell would read otherwise are quoted', () => {
  expect(shellWord('runs/a-b_1.2')).toBe('runs/a-b_1.2');
  expect(shellWord("it's here")).toBe("'it'\\''s here'");
});
