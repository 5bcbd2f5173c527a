import { RunStateError, reasonOf } from './errors.ts';
import type { RunManifest } from './manifest.ts';

export interface ManifestKeeperOptions {
  /** Puts the manifest where readers find it. */
  write: (manifest: RunManifest) => Promise<void>;
  /** Called at the first failed write. */
  onError: (error: RunStateError) => void;
  /** Unix seconds. */
  now: () => number;
  heartbeatMs: number;
}

/** Least time between two writes that nothing hurries: at most 4 a second. */
const minWriteGapMs = 250;
/** Pauses before the last write is tried again: nobody comes after it to mend what a full disk has cost. */
const lastWriteDelaysMs = [50, 150, 300, 500];
/** Heartbeats that may be late before the promise to write again is broken. */
const promisedHeartbeats = 3;

/**
 * Keeps a manifest written: at once when its status changes, else at most 4 times a second, and at every heartbeat.
 *
 * Its timers never keep the process alive. A failed write is counted and tried again with the next change or heartbeat.
 */
export class ManifestKeeper {
  failures = 0;
  #manifest: RunManifest;
  readonly #options: ManifestKeeperOptions;
  readonly #heartbeat: NodeJS.Timeout;
  #pause: NodeJS.Timeout | null = null;
  #isChanged = false;
  #writes: Promise<boolean> = Promise.resolve(true);

  constructor(manifest: RunManifest, options: ManifestKeeperOptions) {
    this.#manifest = manifest;
    this.#options = options;
    this.#heartbeat = setInterval(() => void this.flush(), options.heartbeatMs).unref();
  }

  get manifest(): RunManifest {
    return this.#manifest;
  }

  change(fields: Partial<RunManifest>): void {
    const hurries = fields.status !== undefined && fields.status !== this.#manifest.status;
    this.#manifest = { ...this.#manifest, ...fields };
    if (hurries || this.#pause === null) void this.flush();
    else this.#isChanged = true;
  }

  /** Writes what the manifest is by then; resolves when it is written (true) or has failed. */
  flush(): Promise<boolean> {
    this.#isChanged = false;
    clearTimeout(this.#pause ?? undefined);
    this.#pause = setTimeout(() => this.#endPause(), minWriteGapMs).unref();
    this.#writes = this.#writes.then(() => this.#write());
    return this.#writes;
  }

  /** The last write, tried again for about a second where it fails, and no more after it. Resolves to whether it was written. */
  async close(fields: Partial<RunManifest>): Promise<boolean> {
    clearInterval(this.#heartbeat);
    this.#manifest = { ...this.#manifest, ...fields };
    for (const delayMs of [...lastWriteDelaysMs, null]) {
      const written = this.flush();
      clearTimeout(this.#pause ?? undefined);
      if (await written) return true;
      if (delayMs !== null) await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
    return false;
  }

  #endPause(): void {
    this.#pause = null;
    if (this.#isChanged) void this.flush();
  }

  async #write(): Promise<boolean> {
    const { write, onError, now, heartbeatMs } = this.#options;
    const heartbeatAt = now();
    const nextHeartbeatBy = heartbeatAt + (promisedHeartbeats * heartbeatMs) / 1000;
    this.#manifest = { ...this.#manifest, heartbeatAt, nextHeartbeatBy };
    try {
      await write(this.#manifest);
      return true;
    } catch (cause) {
      this.failures++;
      if (this.failures === 1) {
        onError(new RunStateError('io', `Could not write run.json: ${reasonOf(cause)}. The run goes on.`, { cause }));
      }
      return false;
    }
  }
}
