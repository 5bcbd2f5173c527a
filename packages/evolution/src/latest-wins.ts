/**
 * Runs one asynchronous task at a time; of the tasks that come meanwhile only the newest is run, the others are void.
 * Tasks must handle their own failures.
 */
export class LatestWins {
  #running: Promise<void> | null = null;
  #next: (() => Promise<void>) | null = null;

  run(task: () => Promise<void>): void {
    this.#next = task;
    this.#running ??= this.#drain();
  }

  /** Resolves when nothing runs or waits. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#next) {
      const task = this.#next;
      this.#next = null;
      await task();
    }
    this.#running = null;
  }
}
