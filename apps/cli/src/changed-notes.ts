import { configFileNames } from './config.ts';
import { plainText } from './plain-text.ts';

/** What `kai resume` says of the files of a task that are not what they were: a configuration is not read again. */
export function changedNotes(changed: readonly string[]): string[] {
  const isConfig = (name: string) => configFileNames.includes(name.replace(/ \(gone\)$/, ''));
  const [configs, others] = [changed.filter(isConfig), changed.filter((name) => !isConfig(name))];
  return [
    ...configs.map((name) =>
      name.endsWith(' (gone)')
        ? `${name.replace(/ \(gone\)$/, '')} is gone; this run keeps the configuration it began with.`
        : `${name} has changed; this run keeps the configuration it began with.`,
    ),
    ...(others.length === 0
      ? []
      : [`Changed since the run began, and used as they are now: ${others.map(plainText).join(', ')}.`]),
  ];
}
