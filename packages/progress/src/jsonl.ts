export { type DirectoryChangesOptions, directoryChanges } from './directory-changes.ts';
export { endOnReturn } from './end-on-return.ts';
export {
  type JsonlHandlers,
  type JsonlLine,
  type JsonlReadOptions,
  JsonlTail,
  type JsonlTailOptions,
} from './jsonl-tail.ts';
export { JsonlWriter, type JsonlWriterOptions } from './jsonl-writer.ts';
export { parseJson } from './parse-json.ts';
export { ProgressError, type ProgressErrorCode } from './progress-error.ts';
