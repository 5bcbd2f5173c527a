export type { Point, Trajectory } from '@kai/progress';
export { type BestProgram, readBestProgram, writeBest } from './best.ts';
export type { Checkpoint, CheckpointMetadata, Json } from './checkpoint-format.ts';
export { type CheckpointStep, readCheckpointSteps } from './checkpoint-steps.ts';
export {
  listCheckpoints,
  readCheckpoint,
  readCheckpointMetadata,
  type WriteCheckpointOptions,
  writeCheckpoint,
} from './checkpoints.ts';
export { RunStateError, type RunStateErrorCode } from './errors.ts';
export { findRuns } from './find-runs.ts';
export { isLabel, labelFor } from './label.ts';
export {
  encodeManifest,
  type ManifestStatus,
  manifestVersion,
  parseManifest,
  type RunManifest,
  readManifest,
  writeManifest,
} from './manifest.ts';
export type { FoundRun } from './name-runs.ts';
export {
  type AppendedIteration,
  type OpenRunOptions,
  openRun,
  type RunChange,
  type RunEnd,
  type RunHandle,
} from './open-run.ts';
export {
  type OpenEvolveProgram,
  type ReadOpenEvolveOptions,
  readOpenEvolvePrograms,
} from './openevolve/read-openevolve-programs.ts';
export { type RunPaths, runPaths } from './paths.ts';
export { type FindProcess, findProcess, type LiveProcess, type ProcessStart, processStart } from './process-start.ts';
export { type OpenProgramsOptions, openPrograms, type Programs } from './program-index/open-programs.ts';
export type { ProgramColumns, ProgramSummary } from './program-index/program-columns.ts';
export { encodeProgramRecord, type ProgramRecord, parseProgramRecord, readPrograms } from './programs.ts';
export { encodePromptRecord, type PromptRecord, parsePromptRecord } from './prompts.ts';
export { type ReadRunOptions, readRunState, type WatchRunOptions, watchRun } from './read-run-state.ts';
export {
  encodeRunConfig,
  parseRunConfig,
  type RunConfig,
  type RunTask,
  type RunTaskFile,
  readRunConfig,
  writeRunConfig,
} from './run-config.ts';
export { type RunGoals, readRunGoals } from './run-goals.ts';
export { type RefreshOptions, RunIndex, type RunIndexOptions } from './run-index.ts';
export { createRunDirectory, placeOf, type RunPlace } from './run-place.ts';
export type { Direction, InFlight, RunProblem, RunState, RunStatus, StatusReason } from './run-state.ts';
export { scoreOf } from './score.ts';
export { explainStatus, isActive, type StatusFacts, statusOf } from './status.ts';
export type { StoredProgram } from './stored-program.ts';
export {
  encodeUsageRecord,
  type ModelUsage,
  parseUsageRecord,
  readUsageTotals,
  type UsageRecord,
  type UsageSum,
  type UsageTotals,
} from './usage.ts';
export { type WatchRunsOptions, watchRuns } from './watch-runs.ts';
