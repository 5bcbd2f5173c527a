export {
  type FollowProgressOptions,
  followProgress,
  type ProgressProblem,
  type ReadProgressOptions,
  readProgress,
} from './feed.ts';
export { ProgressError, type ProgressErrorCode } from './progress-error.ts';
export { FEED_FILE, ProgressWriter, type ProgressWriterOptions } from './progress-writer.ts';
export { type Direction, encodeProgressLine, type ProgressRecord } from './record.ts';
export {
  type FailureRange,
  type Point,
  progressTrajectory,
  type Trajectory,
  TrajectoryBuilder,
  type TrajectoryOptions,
} from './trajectory.ts';
