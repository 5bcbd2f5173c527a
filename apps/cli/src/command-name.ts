import { basename } from 'node:path';
import { shellWord, shownPath } from './context.ts';

/**
 * How the user called kai, so that what is printed to be typed next works as it is.
 *
 * KAI_COMMAND, set by a script that starts kai for somebody, goes first; then the package managers' own variables; then
 * the path of the script.
 */
export function commandName({
  env,
  script,
  cwd,
}: {
  env: NodeJS.ProcessEnv;
  /** process.argv[1] */
  script: string | undefined;
  cwd: string;
}): string {
  if (env.KAI_COMMAND) return env.KAI_COMMAND;
  if (isPackageScript(env)) {
    const manager = /^(pnpm|yarn|bun)\//.exec(env.npm_config_user_agent ?? '')?.[1];
    return manager === undefined ? 'npm run kai --' : `${manager} kai`;
  }
  if (env.npm_command === 'exec' && env.npm_lifecycle_event === 'npx') return 'npx kai';
  if (script !== undefined && basename(script) === 'kai.js') return `node ${shellWord(shownPath(script, cwd))}`;
  return 'kai';
}

/** The folder in which the user stands: package managers run scripts in the package's folder and say where that was. */
export function standingPlace({ env, cwd }: { env: NodeJS.ProcessEnv; cwd: string }): string {
  return isPackageScript(env) && env.INIT_CWD ? env.INIT_CWD : cwd;
}

function isPackageScript({ npm_lifecycle_event: event, KAI_COMMAND: command }: NodeJS.ProcessEnv): boolean {
  return event === 'kai' && !command;
}
