/** A value that survives JSON.stringify and JSON.parse unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What the controller needs from whatever proposes edits: a language model, an ensemble, the offline mutator. */
export interface Proposer {
  /**
   * Proposes an edit of `request.parent`.
   *
   * Rejects with `signal.reason` when aborted. Any other rejection is recorded as a failed iteration with its message.
   */
  propose(request: ProposalRequest, options: { signal: AbortSignal }): Promise<Proposal>;
  /** Hears how a proposal ended, in order of completion. Replayed from the journal on resume. */
  observe?(outcome: ProposalOutcome): void;
  /** The proposer's memory, stored in every checkpoint. */
  snapshot?(): Json;
  /** Takes back what `snapshot` gave. */
  restore?(state: Json): void;
}

/** A program as the proposer sees it. */
export interface ProgramView {
  id: string;
  code: string;
  /** What selection compares; null when the program could not be scored. */
  score: number | null;
  metrics: Record<string, number>;
  generation: number;
}

export interface ProposalRequest {
  /** The iteration that this proposal is for. */
  iteration: number;
  /** Hex text made from the run's seed and the iteration. All randomness of the proposal comes from it. */
  seed: string;
  /** The text for a language model. */
  prompt: { system: string; user: string };
  /** e.g. `javascript`, `python`; `text` when unknown. */
  language: string;
  direction: Direction;
  parent: ProgramView;
  inspirations: ProgramView[];
  /** Why the last iteration that started from this parent failed; null when it did not. */
  lastFailure: ProgramError | null;
}

/** `text` holds SEARCH/REPLACE blocks or a whole program. */
export interface Proposal {
  text: string;
  /** Who made it, e.g. `gpt-5-mini` or `offline/step`; null when unknown. */
  model: string | null;
  /** One entry per model call, retries included. The offline mutator makes no call: an empty list. */
  usage: Usage[];
}

/** One model call. Times are Unix seconds; `costUsd` is null when the price is not known. */
export interface Usage {
  ts: number;
  model: string;
  inputTokens: number | null;
  outputTokens: number | null;
  costUsd: number | null;
  latencyMs: number;
  ok: boolean;
  error: string | null;
}

export interface ProposalOutcome {
  iteration: number;
  /** As in the proposal. */
  model: string | null;
  parentScore: number | null;
  /** Null when the proposal could not be applied or its program could not be scored. */
  score: number | null;
  /** Whether the child is better than its parent, in the run's direction. */
  improved: boolean;
  error: ProgramError | null;
}

/** What the controller needs from whatever scores programs. */
export interface Evaluator {
  /**
   * Scores one program. A program that fails is an answer (`error` is set), not a rejection.
   *
   * Rejects with `signal.reason` when aborted, and only then or when the evaluator itself cannot work.
   */
  evaluate(program: EvaluatedProgram, options: { signal: AbortSignal }): Promise<Evaluation>;
  close(): Promise<void>;
}

export interface EvaluatedProgram {
  id: string;
  code: string;
  /** With its dot, e.g. `.js`. */
  extension: string;
}

export interface Evaluation {
  metrics: Record<string, number>;
  artifacts: Record<string, string>;
  error: ProgramError | null;
  /** From the moment the evaluation began running, without the time in the queue. */
  durationMs: number;
}

/** Why a program or a proposal failed: a short kind for counting and a message for reading. */
export interface ProgramError {
  kind: string;
  message: string;
}

export type Direction = 'maximize' | 'minimize';
