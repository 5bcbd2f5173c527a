/** What a program needs to find its tools, speak the user's language and know the time zone: no key, no NODE_OPTIONS. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ'];

/**
 * The environment of evaluations: a short list of harmless variables, the scratch folder for temporary files, and
 * what the task asks for, which wins.
 */
export function runnerEnvironment(
  parent: Record<string, string | undefined>,
  scratchDir: string,
  added: Record<string, string>,
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => (parent[name] === undefined ? [] : [[name, parent[name]]]));
  return { ...Object.fromEntries(inherited), TMPDIR: scratchDir, ...added };
}
