import { parseJson } from '@kai/progress/jsonl';
import { reasonOf } from '../errors.ts';
import { LineReader } from '../line-reader.ts';
import { runPaths } from '../paths.ts';
import { type PromptRecord, parsePromptRecord } from '../prompts.ts';
import type { RunProblem } from '../run-state.ts';
import { grown } from './grown.ts';
import { readLine } from './read-line.ts';

/** Where the prompts of each iteration stand in prompts.jsonl: 20 bytes a line, and no prompt. */
export class PromptIndex {
  readonly #path: string;
  readonly #lines: LineReader;
  #iters = new Float64Array(64);
  #offsets = new Float64Array(64);
  #lengths = new Uint32Array(64);
  #size = 0;

  constructor(dir: string) {
    this.#path = runPaths(dir).prompts;
    this.#lines = new LineReader(this.#path, {
      take: ({ text, byteOffset, byteLength }) => {
        const iter = iterOf(text);
        const row = this.#size++;
        this.#iters = grown(this.#iters, this.#size);
        this.#offsets = grown(this.#offsets, this.#size);
        this.#lengths = grown(this.#lengths, this.#size);
        this.#iters[row] = iter;
        this.#offsets[row] = byteOffset;
        this.#lengths[row] = byteLength;
      },
      reset: () => {
        this.#size = 0;
      },
    });
  }

  get problems(): readonly RunProblem[] {
    return this.#lines.problems.all;
  }

  /** What was asked and said for one iteration, in order; only those lines are read, and the new ones are found first. */
  async of(
    iter: number,
    { signal, onProblem }: { signal?: AbortSignal | undefined; onProblem: (problem: RunProblem) => void },
  ): Promise<PromptRecord[]> {
    await this.#lines.read(signal);
    const prompts: PromptRecord[] = [];
    for (let row = 0; row < this.#size; row++) {
      if (this.#iters[row] !== iter) continue;
      try {
        prompts.push(parsePromptRecord(await readLine(this.#path, this.#offsets[row]!, this.#lengths[row]!)));
      } catch (error) {
        onProblem({ file: 'prompts.jsonl', line: null, reason: `Prompt of iteration ${iter}: ${reasonOf(error)}` });
      }
    }
    return prompts;
  }

  close(): void {
    this.#lines.close();
  }
}

/** A prompt may be long: where `iter` comes first, the rest is not parsed. */
function iterOf(text: string): number {
  const first = /^\s*\{\s*"iter"\s*:\s*(\d{1,15})\s*[,}]/.exec(text.slice(0, 64));
  return first === null ? parsePromptRecord(parseJson(text)).iter : Number(first[1]);
}
