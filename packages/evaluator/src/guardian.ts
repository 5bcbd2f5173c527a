import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const GUARDIAN_PATH = fileURLToPath(new URL('../runner/guardian.js', import.meta.url));
const MAX_RESTARTS_IN_A_ROW = 5;

/**
 * A small process that outlives this one for an instant: when this process is gone, however it died, it kills the
 * process groups it was told of and removes the scratch folder.
 *
 * It lives in a session of its own, where no Ctrl-C of a terminal and no kill of this process's group reaches it. When
 * it dies it is started again (a guardian that cannot live, at the next `add`).
 */
export class Guardian {
  readonly #scratchRoot: string;
  readonly #groups = new Set<number>();
  #process: ChildProcess | null = null;
  #restarts = 0;
  #closed = false;

  constructor(scratchRoot: string) {
    this.#scratchRoot = scratchRoot;
    this.#start();
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  add(groupId: number): void {
    this.#groups.add(groupId);
    this.#restarts = 0;
    if (this.#process === null) this.#start();
    else this.#tell(`add ${groupId}\n`);
  }

  remove(groupId: number): void {
    this.#groups.delete(groupId);
    this.#tell(`remove ${groupId}\n`);
  }

  /** Ends the guardian. It kills what is still listed. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    const guardian = this.#process;
    if (guardian === null) return;
    const gone = new Promise((resolve) => guardian.once('exit', resolve).once('error', resolve));
    guardian.stdin?.end();
    await gone;
  }

  #tell(line: string): void {
    this.#process?.stdin?.write(line);
  }

  #start(): void {
    const guardian = spawn(process.execPath, [GUARDIAN_PATH, this.#scratchRoot], {
      cwd: '/',
      env: {},
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // A pipe that broke is a guardian that died; that one could not be started has no exit event.
    guardian.stdin?.on('error', () => {});
    guardian.on('error', () => this.#onGone(guardian));
    guardian.on('exit', () => this.#onGone(guardian));
    this.#process = guardian;
    for (const groupId of this.#groups) this.#tell(`add ${groupId}\n`);
  }

  #onGone(guardian: ChildProcess): void {
    if (this.#process !== guardian) return;
    this.#process = null;
    this.#restarts += 1;
    if (!this.#closed && this.#restarts <= MAX_RESTARTS_IN_A_ROW) this.#start();
  }
}
