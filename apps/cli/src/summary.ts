import type { Direction, EvolutionResult } from '@kai/evolution';
import {
  formatDuration,
  formatGain,
  formatPercent,
  formatRate,
  formatRelativeGain,
  formatScore,
  plural,
} from './format.ts';
import { plainText } from './plain-text.ts';

/** An initial program that could not be scored. */
export interface InitialFailure {
  reason: string;
  /** What it printed, or its stack; may be empty. */
  output: string;
  /** As the user would type it. */
  path: string;
  /** The command that starts the task again. */
  rerun: string;
}

export interface RunSummary {
  result: EvolutionResult;
  direction: Direction;
  referenceScores: Record<string, number>;
  targetScore: number | null;
  /** Completed in this session; a resumed run has more in all. */
  sessionIterations: number;
  seconds: number;
  failed: number;
  /** As the user would type it; null when nothing was scored. */
  bestPath: string | null;
  /** What was warned of on the way. */
  warnings: readonly string[];
  initialFailure: InitialFailure | null;
  /** Commands to type next, each with what it does. */
  next: readonly { command: string; does: string }[];
}

const shownWarnings = 3;
const shownOutput = 12;

/** What `kai run` and `kai resume` say at the end. */
export function summaryLines(summary: RunSummary): string[] {
  const { result, direction, referenceScores, bestPath, warnings, initialFailure, next } = summary;
  const lines = initialFailure === null ? [endLine(summary)] : failureLines(initialFailure);
  const { best, initialScore } = result;
  if (best !== null) {
    lines.push(
      `Best score ${formatScore(best.score)} at iteration ${best.iteration}${overInitial(best.score, initialScore)}.`,
    );
    for (const [name, score] of Object.entries(referenceScores)) {
      lines.push(`  ${comparison(best.score, { name: plainText(name), score, direction })}`);
    }
  }
  if (bestPath !== null) lines.push(`Best program: ${bestPath}`);
  lines.push(...warnings.slice(0, shownWarnings).map((text) => `Warning: ${plainText(text)}`));
  if (warnings.length > shownWarnings) lines.push(`  and ${plural(warnings.length - shownWarnings, 'other warning')}`);
  if (next.length > 0) {
    const width = Math.max(...next.map(({ command }) => command.length));
    lines.push('Next:', ...next.map(({ command, does }) => `  ${command.padEnd(width)}  # ${does}`));
  }
  return lines;
}

function failureLines({ reason, output, path, rerun }: InitialFailure): string[] {
  const lines = output
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*at .*(?:\bnode:|-runner\.js:)/.test(line));
  const more = lines.length > shownOutput ? [`  (${plural(lines.length - shownOutput, 'more line')})`] : [];
  return [
    `The initial program failed: ${plainText(reason)}`,
    ...lines.slice(0, shownOutput).map((line) => `  ${line.match(/^\s*/)![0]}${plainText(line.trim())}`),
    ...more,
    `Correct ${path}${/^evaluate\(\)/.test(reason) ? ', or the evaluator,' : ''} and start a new run:`,
    `  ${rerun}`,
  ];
}

/** `96.3 % of best known 2.636`; in words of distance where a share says nothing. */
export function comparison(
  score: number,
  { name, score: reference, direction }: { name: string; score: number; direction: Direction },
): string {
  const known = `${name.replaceAll('_', ' ')} ${formatScore(reference)}`;
  if (score === reference) return `equal to ${known}`;
  if (score > 0 && reference > 0)
    return `${formatPercent(score / reference)} of ${known}${direction === 'minimize' ? ' (lower is better)' : ''}`;
  const isBetter = direction === 'minimize' ? score < reference : score > reference;
  return `${formatScore(Math.abs(score - reference))} ${isBetter ? 'better' : 'worse'} than ${known}`;
}

function endLine({ result, targetScore, sessionIterations, seconds, failed }: RunSummary): string {
  const pace = seconds > 0 ? formatRate(sessionIterations / seconds) : '–';
  const facts = [
    plural(result.completed, 'iteration'),
    formatDuration(seconds),
    pace === '–' ? null : pace,
    failed === 0 ? null : `${failed} failed`,
  ].filter((fact) => fact !== null);
  const what = { finished: 'Finished', stopped: 'Stopped', failed: 'Failed' }[result.status];
  const why = result.error === null ? reasonText(result, targetScore) : plainText(result.error);
  return `${what}: ${why.replace(/\.$/, '')} (${facts.join(', ')}).`;
}

function reasonText({ stopReason, best }: EvolutionResult, targetScore: number | null): string {
  switch (stopReason) {
    case 'max_iterations':
      return 'all iterations are done';
    case 'target_score':
      return `the target score ${formatScore(targetScore)} is reached`;
    case 'user':
      return best === null ? 'you asked for it' : 'you asked for it; the last checkpoint is written';
    case 'model_failures':
      return 'the model failed too often in a row';
    case 'error':
      return 'an error ended it';
  }
}

function overInitial(best: number, initial: number | null): string {
  if (initial === null) return '';
  if (best === initial) return ', that of the initial program: nothing better was found';
  const relative = formatRelativeGain(initial, best);
  return `: ${formatGain(initial, best)}${relative === null ? '' : ` (${relative})`} over the initial program's ${formatScore(initial)}`;
}
