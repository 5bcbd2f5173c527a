// @ts-check
/**
 * Imports one evaluator, waits for one job, answers it. Started by `JavaScriptRunner` as
 * `node javascript-runner.js <path of evaluator.js>`, detached, with two extra descriptors:
 *
 *   3  in:  one line, `{"nonce": "…", "programPath": "…"}`; its end without a line means that kai is gone
 *   4  out: one line `{"type": "ready"}` or why it is not; once the job is there `{"type": "started"}` and then the
 *      answer, which carry the nonce
 *
 * Neither is standard output, so nothing that a program prints can pass for an answer, and a line without the nonce
 * is not read as one. Kai kills the process group as soon as it has the answer: nothing here cleans up.
 */
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';

const JOB_FD = 3;
const ANSWER_FD = 4;
const MAX_ANSWER_BYTES = 10_000_000;

// Taken before any code of the task runs, so that one which replaces them by accident does not break the answer. It is no
// defence: an evaluator that imports a program into its own process can be fooled by it, whatever stands here.
const { readSync, writeSync } = fs;
const { parse, stringify } = JSON;
const { byteLength, from: toBuffer } = Buffer;
const exit = process.exit.bind(process);

/**
 * What a value is, in one word for a message.
 *
 * @param {unknown} value
 */
function typeName(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value !== 'object') return typeof value;
  const name = value.constructor?.name;
  return name === undefined || name === 'Object' ? 'object' : name;
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isRecord(value) {
  if (value === null || typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * A metric as `[name, type, value]`: JSON alone would turn NaN into null and drop what it cannot write.
 *
 * @param {[string, unknown]} entry
 * @returns {[string, string, number | string]}
 */
function describeMetric([name, value]) {
  if (typeof value === 'number') return [name, 'number', Number.isFinite(value) ? value : String(value)];
  if (typeof value === 'boolean' || typeof value === 'string') return [name, typeof value, String(value)];
  if (value instanceof Error) return [name, 'Error', value.message];
  return [name, typeName(value), ''];
}

/** @param {unknown} value */
function artifactText(value) {
  if (typeof value === 'string') return value;
  try {
    return stringify(value) ?? String(value);
  } catch (error) {
    return `[could not be written as JSON: ${error instanceof Error ? error.message : String(error)}]`;
  }
}

/**
 * @param {unknown} result what `evaluate` returned
 * @returns {object} the answer's fields
 */
function describeResult(result) {
  if (!isRecord(result)) return { type: 'invalid', found: typeName(result) };
  const wrapped = result.metrics !== null && typeof result.metrics === 'object';
  const metrics = wrapped ? result.metrics : result;
  if (!isRecord(metrics)) return { type: 'invalid', found: `an object whose metrics are of type ${typeName(metrics)}` };
  const artifacts = wrapped ? (result.artifacts ?? {}) : {};
  if (!isRecord(artifacts)) return { type: 'invalid', found: `artifacts of type ${typeName(artifacts)}` };
  return {
    type: 'result',
    metrics: Object.entries(metrics).map(describeMetric),
    artifacts: Object.entries(artifacts).map(([name, value]) => [name, artifactText(value)]),
  };
}

/** @param {unknown} error */
function describeError(error) {
  if (error instanceof Error) return { message: `${error.name}: ${error.message}`, stack: String(error.stack ?? '') };
  return { message: `${typeName(error)}: ${artifactText(error)}`, stack: '' };
}

/** @param {object} message */
function send(message) {
  const bytes = toBuffer(`${stringify(message)}\n`);
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(ANSWER_FD, bytes, offset);
}

/**
 * Blocks until the job is there. A blocking read needs no event loop, no handle that would keep the process alive
 * during the job, and saves the 5 ms that loading node:net takes.
 *
 * @returns {{ nonce: string, programPath: string }}
 */
function readJob() {
  const buffer = Buffer.alloc(16_384);
  let length = 0;
  while (buffer[length - 1] !== 10) {
    const count = readSync(JOB_FD, buffer, length, buffer.length - length, null);
    if (count === 0) exit(0);
    length += count;
  }
  return parse(buffer.toString('utf8', 0, length));
}

/**
 * Makes writes to standard output or error wait until they are done, from their first use on. Node queues in memory what
 * a pipe cannot take at once, and kai kills this process as soon as it has the answer: the rest would be lost. (To touch
 * the streams here would load node:net in every process.)
 *
 * @param {'stdout' | 'stderr'} name
 */
function blockWhileWriting(name) {
  const lazy = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(process, name));
  Object.defineProperty(process, name, {
    ...lazy,
    get() {
      const stream = lazy.get?.call(process);
      stream._handle?.setBlocking?.(true);
      Object.defineProperty(process, name, lazy);
      return stream;
    },
  });
}

/** @param {string} evaluatorPath @returns {Promise<(programPath: string) => unknown>} */
async function loadEvaluator(evaluatorPath) {
  const module = await import(pathToFileURL(evaluatorPath).href);
  // A CommonJS evaluator whose exports node could not detect has them on `default`.
  const evaluate = module.evaluate ?? module.default?.evaluate;
  if (typeof evaluate === 'function') return evaluate;
  const names = Object.keys(module).join(', ');
  send({ type: 'no_evaluate', found: names === '' ? 'no exports' : `exports: ${names}` });
  return exit(1);
}

/** @param {string} evaluatorPath */
async function load(evaluatorPath) {
  try {
    return await loadEvaluator(evaluatorPath);
  } catch (error) {
    send({ type: 'load_failed', ...describeError(error) });
    return exit(1);
  }
}

blockWhileWriting('stdout');
blockWhileWriting('stderr');
const evaluate = await load(/** @type {string} */ (process.argv[2]));
send({ type: 'ready' });
const { nonce, programPath } = readJob();
send({ nonce, type: 'started' });

/** @param {object} fields */
function answer(fields) {
  const message = { nonce, ...fields };
  const bytes = byteLength(stringify(message));
  send(bytes <= MAX_ANSWER_BYTES ? message : { nonce, type: 'too_large', bytes, limit: MAX_ANSWER_BYTES });
}

// Also where unhandled rejections end.
process.on('uncaughtException', (error) => answer({ type: 'threw', background: true, ...describeError(error) }));
process.on('beforeExit', () => answer({ type: 'never_settled' }));

try {
  const result = await evaluate(programPath);
  try {
    answer(describeResult(result));
  } catch (error) {
    answer({ type: 'unreadable', ...describeError(error) });
  }
} catch (error) {
  answer({ type: 'threw', background: false, ...describeError(error) });
}
