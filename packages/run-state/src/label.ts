import { RunStateError } from './errors.ts';

const labelPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Whether `text` may be a label: 1 to 64 of `A-Za-z0-9._-`, a letter or digit first, not ending in `.json`. */
export function isLabel(text: string): boolean {
  return labelPattern.test(text) && !text.endsWith('.json');
}

/** Makes a folder's name fit the rule for labels; a name that fits stays as it is. `run` when nothing is left of it. */
export function labelFor(name: string): string {
  if (isLabel(name)) return name;
  const fitted = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
    .replace(/(\.json|-)+$/, '');
  return fitted === '' ? 'run' : fitted;
}

/** @throws RunStateError `label` */
export function requireLabel(label: string): void {
  if (isLabel(label)) return;
  throw new RunStateError(
    'label',
    `${JSON.stringify(label)} cannot be a label: expected 1 to 64 letters, digits, ".", "_" or "-", a letter or digit ` +
      `first, and not ".json" at the end. ${JSON.stringify(labelFor(label))} would do.`,
  );
}
