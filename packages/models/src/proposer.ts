/** A value that survives JSON.stringify and JSON.parse unchanged. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Proposes edits to a program: what the controller of `@kai/evolution` expects, restated so that neither imports the other. */
export interface Proposer {
  /** Proposes an edit of `request.parent`. Rejects with `signal.reason` when aborted. */
  propose(request: ProposalRequest, options: { signal: AbortSignal }): Promise<Proposal>;
  /** Hears how a proposal ended, in order of completion. */
  observe?(outcome: ProposalOutcome): void;
  /** The proposer's memory, for a checkpoint. */
  snapshot?(): Json;
  /** Takes back what `snapshot` gave. */
  restore?(state: Json): void;
}

/** A program as the proposer sees it; `score` is null when it could not be scored. */
export interface ProgramView {
  id: string;
  code: string;
  score: number | null;
  metrics: Record<string, number>;
  generation: number;
}

export interface ProposalRequest {
  /** The iteration that this proposal is for. */
  iteration: number;
  /** Hex text. All randomness of the proposal comes from it. */
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

/** `text` holds SEARCH/REPLACE blocks or a whole program; `usage` has one entry per model call. */
export interface Proposal {
  text: string;
  /** Who made it, e.g. `gpt-5-mini` or `offline/step`; null when unknown. */
  model: string | null;
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

/** How a proposal ended; `score` is null when it could not be applied or its program could not be scored. */
export interface ProposalOutcome {
  iteration: number;
  /** As in the proposal. */
  model: string | null;
  parentScore: number | null;
  score: number | null;
  /** Whether the child is better than its parent, in the run's direction. */
  improved: boolean;
  error: ProgramError | null;
}

/** Why a program or a proposal failed: a short kind for counting and a message for reading. */
export interface ProgramError {
  kind: string;
  message: string;
}

export type Direction = 'maximize' | 'minimize';
