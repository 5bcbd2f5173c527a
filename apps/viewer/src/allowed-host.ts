const loopbackNames = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether a Host header names this machine from itself, with any port (a tunnel has another), or one of `allowed`. A page of
 * another site that has its name point here (DNS rebinding) still sends that name.
 */
export function isAllowedHost(host: string, allowed: readonly string[] = []): boolean {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/i.exec(host);
  if (match === null) return false;
  const name = match[1]!.toLowerCase();
  return loopbackNames.includes(name) || allowed.some((each) => each.toLowerCase() === name);
}
