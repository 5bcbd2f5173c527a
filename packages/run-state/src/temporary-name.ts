let count = 0;

/** `<path>.<pid>.<count>.tmp`: a name beside `path` that no other writer of it uses. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}.${count++}.tmp`;
}
