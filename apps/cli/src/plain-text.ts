// CSI, OSC and the other escape sequences, in their 7-bit and 8-bit forms (ECMA-48), ended or not.
const escapeSequence =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g;
const lineBreak = /\s*[\n\r\u2028\u2029\v\f]+\s*/g;
// Controls, and the marks that reorder or hide text.
const invisible = /[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Makes text from a run or a task safe for a terminal: one line, without escape sequences, control characters and
 * marks that reorder text.
 */
export function plainText(text: string): string {
  return text.replace(escapeSequence, '').replace(lineBreak, ' ⏎ ').replaceAll('\t', ' ').replace(invisible, '');
}
