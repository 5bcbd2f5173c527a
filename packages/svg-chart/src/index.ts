export { type FormatNumberOptions, formatDistinct, formatNumber, formatTicks } from './format-number.ts';
export { bestSoFar } from './points.ts';
export { type SparklineOptions, type SparklinePoint, sparkline } from './sparkline.ts';
export {
  type ChartFailures,
  type ChartPoint,
  type ChartReference,
  type TrajectoryData,
  type TrajectoryOptions,
  trajectory,
} from './trajectory.ts';
