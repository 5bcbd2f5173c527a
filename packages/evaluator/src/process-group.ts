/** Kills every process of a group at once; a group that is gone already is fine. */
export function killProcessGroup(groupId: number): void {
  try {
    process.kill(-groupId, 'SIGKILL');
  } catch {
    // ESRCH: gone. EPERM: what macOS says of a group whose only member waits to be reaped.
  }
}
