import { z } from 'zod';
import { RunStateError } from './errors.ts';
import { isObject } from './fields.ts';

/** One on-disk format: camelCase in TypeScript, snake_case in the file, one zod schema for both ways. */
export interface RecordFormat<T> {
  /** What the format describes, for messages: `run.json`, `programs.jsonl`. */
  name: string;
  /** Strict. @throws RunStateError `format` that names the field. */
  encode(record: T): Record<string, unknown>;
  /** Lenient: unknown fields are ignored, missing ones get their empty value. @throws RunStateError `format`. */
  decode(value: unknown): T;
}

/** Makes a format from a zod object whose keys are the camelCase names; fields are codecs of `fields.ts`. */
export function recordFormat<Schema extends z.ZodObject>(name: string, schema: Schema): RecordFormat<z.output<Schema>> {
  const keys = Object.keys(schema.shape).map((camel) => ({ camel, snake: toSnakeCase(camel) }));
  return {
    name,
    encode(record) {
      const encoded = z.safeEncode(schema, record);
      if (!encoded.success) throw formatError(`Could not write a record of ${name}`, encoded.error);
      const fields = encoded.data as Record<string, unknown>;
      return Object.fromEntries(keys.map(({ camel, snake }) => [snake, fields[camel]]));
    },
    decode(value) {
      if (!isObject(value)) {
        throw new RunStateError(
          'format',
          `Could not read a record of ${name}: expected an object, got ${kindOf(value)}.`,
        );
      }
      const fields = Object.fromEntries(keys.map(({ camel, snake }) => [camel, value[snake]]));
      const decoded = z.safeDecode(schema, fields as z.input<Schema>);
      if (!decoded.success) throw formatError(`Could not read a record of ${name}`, decoded.error);
      return decoded.data;
    },
  };
}

function toSnakeCase(camel: string): string {
  // A digit run belongs to the word after it only when a capital starts it: evaluatorSha256 -> evaluator_sha256.
  return camel.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
}

function formatError(what: string, error: z.core.$ZodError): RunStateError {
  const issue = error.issues[0];
  const field = issue?.path.length ? toSnakeCase(issue.path.join('.')) : 'the record';
  return new RunStateError('format', `${what}: ${field}: ${issue?.message ?? error.message}.`, { cause: error });
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
