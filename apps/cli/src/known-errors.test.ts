import { EvaluatorError } from '@kai/evaluator';
import { expect, test } from 'vitest';
import { asUsageError } from './known-errors.ts';

const shown = (message: string) => (asUsageError(new EvaluatorError('load_failed', message)) as Error).message;

test("an evaluator that does not import is told once, without Node's own stack", () => {
  const missing = "Cannot find module '/t/nope.js' imported from /t/evaluator.js";
  expect(
    shown(`Could not import evaluator /t/evaluator.js: Error: ${missing}
Error [ERR_MODULE_NOT_FOUND]: ${missing}
    at finalizeResolution (node:internal/modules/esm/resolve:283:11)
    at async node:internal/modules/esm/loader:657:25`),
  ).toBe(`Could not import evaluator /t/evaluator.js: Error: ${missing}`);
});

test('the lines of a stack that are in the evaluator stay', () => {
  expect(
    shown(`Could not import evaluator /t/evaluator.js: Error: no data
    at load (file:///t/evaluator.js:2:8)
    at ModuleJob.run (node:internal/modules/esm/module_job:320:5)`),
  ).toBe('Could not import evaluator /t/evaluator.js: Error: no data\n    at load (file:///t/evaluator.js:2:8)');
});
