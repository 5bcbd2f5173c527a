import type { Answer } from './answer.ts';
import type { Evaluation, EvaluationErrorKind, ProgramError } from './interfaces.ts';

/** How an evaluation ended. */
export type Ending =
  | { type: 'answered'; answer: Answer }
  | { type: 'timed_out'; timeoutMs: number }
  | { type: 'flooded'; limitBytes: number }
  | { type: 'died'; code: number | null; signal: string | null };

export type Outcome = Pick<Evaluation, 'metrics' | 'artifacts' | 'error'>;

const STACK_LINES = 12;
const RETURN_ADVICE = 'Return an object of numbers, e.g. { combined_score: 0.5 }, or { metrics, artifacts }.';

/**
 * Turns the way an evaluation ended into metrics, artifacts and the error.
 *
 * Finite numbers are metrics, also beside an error, which decides that there is no score. A number that is not finite
 * is an error that names it. Texts and booleans are no measurements: they become artifacts of the same name (as
 * `combined_score` they are an error). A text named `error` is the evaluator's own report of a failure; an empty one,
 * or null, says that there is none.
 */
export function outcomeOf(ending: Ending): Outcome {
  switch (ending.type) {
    case 'answered':
      return outcomeOfAnswer(ending.answer);
    case 'timed_out':
      return failure(
        'timeout',
        `evaluate() gave no answer within ${ending.timeoutMs / 1000} s and was killed with all its children. Raise the evaluator's timeout if programs may need longer.`,
      );
    case 'flooded':
      return failure('invalid_result', `The evaluation sent more than ${ending.limitBytes} bytes as its result.`);
    case 'died':
      if (ending.signal !== null) {
        return failure(
          'crashed',
          `The evaluation's process was killed by ${ending.signal} before evaluate() answered.`,
        );
      }
      return failure(
        'exited',
        `The evaluation's process ended with exit code ${ending.code} before evaluate() answered (process.exit, called by the program or by the evaluator?).`,
      );
  }
}

function failure(kind: EvaluationErrorKind, message: string, artifacts: Record<string, string> = {}): Outcome {
  return { metrics: {}, artifacts, error: { kind, message } };
}

function outcomeOfAnswer(answer: Answer): Outcome {
  switch (answer.type) {
    case 'result':
      return outcomeOfResult(answer);
    case 'invalid':
      return failure('invalid_result', `evaluate() returned ${answer.found}. ${RETURN_ADVICE}`);
    case 'unreadable':
      return failure(
        'invalid_result',
        `The result of evaluate() could not be read: ${answer.message}. ${RETURN_ADVICE}`,
      );
    case 'too_large':
      return failure(
        'invalid_result',
        `The result of evaluate() is ${answer.bytes} bytes long, the limit is ${answer.limit}. Return smaller artifacts.`,
      );
    case 'threw': {
      const where = answer.background ? 'A callback or promise of the evaluation' : 'evaluate()';
      const stack = answer.stack.split('\n').slice(0, STACK_LINES).join('\n');
      return failure('threw', `${where} threw ${answer.message}`, stack === '' ? {} : { stack });
    }
    case 'never_settled':
      return failure('exited', 'evaluate() returned a promise that never settles: nothing was left to wait for.');
  }
}

function outcomeOfResult({ metrics, artifacts }: Extract<Answer, { type: 'result' }>): Outcome {
  const numbers: [string, number][] = [];
  const texts: [string, string][] = [];
  const faults: string[] = [];
  let reported: ProgramError | null = null;
  for (const [name, type, value] of metrics) {
    if (typeof value === 'number') numbers.push([name, value]);
    else if (name === 'error' && isReport(type)) reported = value === '' ? null : { kind: 'reported', message: value };
    else if (type === 'number') faults.push(`metric "${name}" is ${value}, which is not a finite number`);
    else if ((type === 'string' || type === 'boolean') && name !== 'combined_score') texts.push([name, value]);
    else faults.push(`metric "${name}" is of type ${type}, not a number`);
  }
  if (numbers.length === 0 && faults.length === 0) faults.push('it holds no numeric metric');
  const invalid: ProgramError = {
    kind: 'invalid_result',
    message: `The result of evaluate() cannot be scored: ${faults.join('; ')}. ${RETURN_ADVICE}`,
  };
  return {
    metrics: Object.fromEntries(numbers),
    artifacts: Object.fromEntries([...texts, ...artifacts]),
    error: reported ?? (faults.length > 0 ? invalid : null),
  };
}

function isReport(type: string): boolean {
  return type === 'string' || type === 'Error' || type === 'null' || type === 'undefined';
}
