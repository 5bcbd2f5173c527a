import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../apps/cli/bin/kai.js', import.meta.url));

/** A `kai` command that is running, as built, with pipes for a terminal. */
export interface KaiProcess {
  child: ChildProcess;
  /** All it has printed to both streams so far. */
  output(): string;
  /** Resolves with the first match in what it prints; rejects with the output when it ends without one. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>;
}

export function startKai(args: string[], { cwd }: { cwd: string }): KaiProcess {
  if (!existsSync(fileURLToPath(new URL('../apps/cli/dist/kai.js', import.meta.url)))) {
    throw new Error('The kai command is not built. Run "pnpm build", or "npm test", which does.');
  }
  const child = spawn(process.execPath, [bin, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, output }));
  return {
    child,
    output: () => output,
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output);
          if (!match) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        look();
        ended.then(() => {
          look();
          reject(new Error(`kai ${args.join(' ')} ended without printing ${pattern}:\n${output}`));
        }, reject);
      }),
  };
}

/**
 * Makes a task that is solved by x = 3 and whose evaluations are real processes. Each notes its pid in `pids`; while a
 * file `hang` stands beside the evaluator, an evaluation never ends and notes its pid in `hanging` as well.
 */
export function makeTask(dir: string): void {
  mkdirSync(dir);
  writeFileSync(join(dir, 'kai.yaml'), 'max_iterations: 40\ncheckpoint_interval: 10\ndatabase:\n  num_islands: 2\n');
  writeFileSync(
    join(dir, 'initial_program.js'),
    '// EVOLVE-BLOCK-START\nexport const x = 40.5;\n// EVOLVE-BLOCK-END\n',
  );
  writeFileSync(
    join(dir, 'evaluator.js'),
    `import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const beside = (name) => new URL(name, import.meta.url);

export function evaluate(programPath) {
  appendFileSync(beside('pids'), process.pid + '\\n');
  if (existsSync(beside('hang'))) {
    appendFileSync(beside('hanging'), process.pid + '\\n');
    for (;;);
  }
  const x = Number(/x = (.*);/.exec(readFileSync(programPath, 'utf8'))?.[1]);
  return { combined_score: -Math.abs(x - 3) };
}
`,
  );
}

/** The pids that a task's evaluations noted in a file beside its evaluator. */
export function pidsIn(taskDir: string, file: 'pids' | 'hanging'): number[] {
  if (!existsSync(join(taskDir, file))) return [];
  return readFileSync(join(taskDir, file), 'utf8').split('\n').filter(Boolean).map(Number);
}

/** Whether a process runs; one that has ended and only waits for its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // No /proc (macOS), or it has ended since.
    return existsSync('/proc/self') === false;
  }
}
