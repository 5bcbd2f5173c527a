import { z } from 'zod';

// Fields of the on-disk formats. Each is a codec: decoding takes what other writers leave (missing, null, NaN, the
// wrong type) and gives the field's empty value; encoding refuses what kai itself must not write.

/** A field that is whatever `decode` gives when read, and must fit `strict` when written. */
export function lenient<Out extends z.ZodType>(strict: Out, decode: (value: unknown) => z.input<Out>) {
  return z.codec(z.unknown(), strict, { decode, encode: (value) => value });
}

export const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A finite number, or null. */
export const numberOrNull = lenient(z.number().nullable(), (value) => (isFiniteNumber(value) ? value : null));

/** A finite number; `fallback` when absent. */
export const numberOr = (fallback: number) =>
  lenient(z.number(), (value) => (isFiniteNumber(value) ? value : fallback));

/** The value without its fraction; null when it is no number from 0 that is exact as a whole one (1e30 is not). */
export function wholeOrNull(value: unknown): number | null {
  const whole = isFiniteNumber(value) && value >= 0 ? Math.trunc(value) : Number.NaN;
  return Number.isSafeInteger(whole) ? whole : null;
}

/** A whole number from 0; `fallback` when absent. */
export const countOr = (fallback: number) =>
  lenient(z.number().int().min(0), (value) => wholeOrNull(value) ?? fallback);

/** A whole number from 0, or null. */
export const countOrNull = lenient(z.number().int().min(0).nullable(), wholeOrNull);

/** A text, or null. */
export const textOrNull = lenient(z.string().nullable(), (value) => (typeof value === 'string' ? value : null));

/** A text; empty when absent. */
export const text = lenient(z.string(), (value) => (typeof value === 'string' ? value : ''));

/** True or false; `fallback` when absent. */
export const flagOr = (fallback: boolean) =>
  lenient(z.boolean(), (value) => (typeof value === 'boolean' ? value : fallback));

/** One of the given words; the first when absent or unknown. */
export const wordOf = <const Word extends string>(words: readonly [Word, ...Word[]]) =>
  lenient(z.enum(words), (value) => (words.find((word) => word === value) ?? words[0]) as never);

/** A list of texts; what is not a text is left out. */
export const textList = lenient(z.array(z.string()), (value) =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [],
);

/** A dictionary of texts; other values stand as their JSON. */
export const textMap = lenient(z.record(z.string(), z.string()), (value) =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, typeof item === 'string' ? item : JSON.stringify(item)]),
      )
    : {},
);

/**
 * Metrics by name. What is not finite is null on disk (JSON has no NaN) and NaN once read. Texts and booleans of other
 * writers are left out; `scoreOf` must see them before this does.
 */
export const metrics = z.codec(
  z.unknown(),
  z.record(
    z.string(),
    z
      .number()
      .or(z.nan())
      .or(z.literal([Infinity, -Infinity])),
  ),
  {
    decode: (value) =>
      isObject(value)
        ? Object.fromEntries(
            Object.entries(value)
              .filter(([, item]) => typeof item === 'number' || item === null)
              .map(([name, item]) => [name, (item as number | null) ?? Number.NaN]),
          )
        : {},
    encode: (value) =>
      Object.fromEntries(Object.entries(value).map(([name, item]) => [name, Number.isFinite(item) ? item : null])),
  },
);
